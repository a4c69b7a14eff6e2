data "aws_ami" "ubuntu" {
  most_recent = true
  owners      = ["099720109477"]

  filter {
    name   = "name"
    values = ["ubuntu/images/hvm-ssd/ubuntu-jammy-22.04-amd64-server-*"]
  }
}

resource "aws_instance" "cluster1" {
  count                  = 3
  ami                    = data.aws_ami.ubuntu.id
  instance_type          = "m4.large"
  subnet_id              = data.aws_subnets.all.ids[count.index % 2]
  vpc_security_group_ids = [aws_security_group.web.id]
  user_data              = templatefile("../app/install.sh", { cluster = "cluster1" })
  tags                   = merge(local.tags, { Name = "osprey-m4-${count.index}", cluster = "cluster1" })
}

resource "aws_instance" "cluster2" {
  count                  = 1
  ami                    = data.aws_ami.ubuntu.id
  instance_type          = "t2.large"
  subnet_id              = data.aws_subnets.all.ids[count.index % 2]
  vpc_security_group_ids = [aws_security_group.web.id]
  user_data              = templatefile("../app/install.sh", { cluster = "cluster2" })
  tags                   = merge(local.tags, { Name = "osprey-t2-${count.index}", cluster = "cluster2" })
}
