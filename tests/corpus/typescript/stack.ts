import * as cdk from "aws-cdk-lib";
export class Stack extends cdk.Stack {
  constructor(s: any, id: string) { super(s, id); new ec2.Vpc(this, "V", { maxAzs: 2 }); }
}
