data "aws_ami" "flask" {
  owners = ["self"]
  filter {
    name   = "name"
    values = ["day02-flask-api-ami"]
  }
}

resource "aws_launch_configuration" "flask" {
  image_id                    = data.aws_ami.flask.id
  instance_type               = "t2.micro"
  associate_public_ip_address = true
  iam_instance_profile        = "s3_access"
  security_groups             = [aws_security_group.flask.id]
  user_data                   = "#!/bin/bash\nnohup python3 /home/ec2-user/app.py &\n"
  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_autoscaling_group" "flask" {
  name                 = "flask"
  min_size             = 2
  max_size             = 2
  launch_configuration = aws_launch_configuration.flask.name
  vpc_zone_identifier  = [aws_subnet.public_1.id, aws_subnet.public_2.id]
  load_balancers       = [aws_elb.flask.name]
  health_check_type    = "ELB"
  depends_on           = [aws_launch_configuration.flask]
  tag {
    key                 = "Autoscaling Flask"
    value               = "flask-asg"
    propagate_at_launch = true
  }
}
