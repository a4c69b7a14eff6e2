resource "aws_security_group" "elb" {
  name       = "day02-elb-sg"
  vpc_id     = aws_vpc.main.id
  depends_on = [aws_vpc.main]
  ingress {
    from_port   = 5000
    to_port     = 5000
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0"]
  }
}

resource "aws_elb" "flask" {
  name                      = "flask"
  subnets                   = [aws_subnet.public_1.id, aws_subnet.public_2.id]
  security_groups           = [aws_security_group.elb.id]
  cross_zone_load_balancing = true
  listener {
    instance_port     = 5000
    instance_protocol = "http"
    lb_port           = 5000
    lb_protocol       = "http"
  }
  health_check {
    target              = "HTTP:5000/"
    interval            = 30
    timeout             = 3
    healthy_threshold   = 2
    unhealthy_threshold = 2
  }
}

output "address" {
  description = "Where the API answers"
  value       = aws_elb.flask.dns_name
}
