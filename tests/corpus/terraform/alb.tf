variable "size" { default = 2 }
locals { name = "web-${var.size}" }
resource "aws_lb" "web" {
  name    = local.name
  subnets = [for s in aws_subnet.public : s.id]
  dynamic "access_logs" {
    for_each = var.logs ? [1] : []
    content { bucket = aws_s3_bucket.logs.id }
  }
  user_data = <<-EOT
    #!/bin/bash
    apt-get install -y nginx
  EOT
}
