provider "aws" {
  region = var.region
}

resource "aws_vpc" "main" {
  cidr_block           = "10.0.0.0/16"
  enable_dns_hostnames = true
  tags = {
    project_name = var.project
    Name         = "day02-vpc"
  }
}

resource "aws_subnet" "public_1" {
  vpc_id                  = aws_vpc.main.id
  cidr_block              = "10.0.1.0/24"
  availability_zone       = "eu-west-1a"
  map_public_ip_on_launch = true
  depends_on              = [aws_vpc.main]
  tags = {
    project_name = var.project
    Name         = "day02-sn-pub-1"
  }
}

resource "aws_subnet" "public_2" {
  vpc_id                  = aws_vpc.main.id
  cidr_block              = "10.0.2.0/24"
  availability_zone       = "eu-west-1b"
  map_public_ip_on_launch = true
  depends_on              = [aws_vpc.main]
  tags = {
    project_name = var.project
    Name         = "day02-sn-pub-2"
  }
}

resource "aws_internet_gateway" "main" {
  vpc_id     = aws_vpc.main.id
  depends_on = [aws_vpc.main]
  tags = {
    project_name = var.project
    Name         = "day02-igw"
  }
}

resource "aws_route_table" "main" {
  vpc_id     = aws_vpc.main.id
  depends_on = [aws_vpc.main, aws_internet_gateway.main]
  route {
    cidr_block = "0.0.0.0/0"
    gateway_id = aws_internet_gateway.main.id
  }
  tags = {
    project_name = var.project
    Name         = "day02-rt"
  }
}

resource "aws_route_table_association" "public_1" {
  subnet_id      = aws_subnet.public_1.id
  route_table_id = aws_route_table.main.id
  depends_on     = [aws_route_table.main, aws_subnet.public_1]
}

resource "aws_route_table_association" "public_2" {
  subnet_id      = aws_subnet.public_2.id
  route_table_id = aws_route_table.main.id
  depends_on     = [aws_route_table.main, aws_subnet.public_2]
}
