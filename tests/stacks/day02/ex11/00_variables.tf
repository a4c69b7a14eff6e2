variable "region" {
  description = "Where the stack is deployed"
  type        = string
}

variable "project" {
  description = "Value of the tag project_name"
  type        = string
}
