resource "aws_security_group" "flask" {
  name       = "day02-flask-sg"
  vpc_id     = aws_vpc.main.id
  depends_on = [aws_subnet.public_1, aws_subnet.public_2]
  ingress {
    from_port   = 22
    to_port     = 22
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0"]
  }
  ingress {
    from_port   = 5000
    to_port     = 5000
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0"]
  }
}
