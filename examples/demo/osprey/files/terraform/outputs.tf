output "image" {
  value = data.aws_ami.ubuntu.id
}

output "vpc" {
  value = data.aws_vpc.main.id
}

output "subnets" {
  value = data.aws_subnets.all.ids
}

output "security_group" {
  value = aws_security_group.web.id
}

output "cluster1" {
  value = aws_instance.cluster1[*].id
}

output "cluster2" {
  value = aws_instance.cluster2[*].id
}
