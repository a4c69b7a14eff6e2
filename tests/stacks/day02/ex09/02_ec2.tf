data "aws_ami" "flask" {
  owners = ["self"]
  filter {
    name   = "name"
    values = ["day02-flask-api-ami"]
  }
}

resource "aws_instance" "flask" {
  ami                         = data.aws_ami.flask.id
  instance_type               = "t2.micro"
  subnet_id                   = aws_subnet.public_1.id
  associate_public_ip_address = true
  iam_instance_profile        = "s3_access"
  vpc_security_group_ids      = [aws_security_group.flask.id]
  depends_on                  = [aws_subnet.public_1, aws_subnet.public_2]
  user_data                   = <<-EOT
    #!/bin/bash
    nohup python3 /home/ec2-user/app.py &
  EOT
}
