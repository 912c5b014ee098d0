package stack

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/jsii-runtime-go"
)

// newAddress allocates the public address for the bureau's allow-list. The address is in the records stack, so a redeployment does
// not change it.
func newAddress(stack awscdk.Stack, s Settings) awsec2.CfnEIP {
	address := awsec2.NewCfnEIP(stack, jsii.String("BureauAddress"), &awsec2.CfnEIPProps{
		Domain: jsii.String("vpc"),
		Tags:   &[]*awscdk.CfnTag{{Key: jsii.String("Name"), Value: jsii.String(s.resourceName("bureau"))}},
	})
	address.ApplyRemovalPolicy(awscdk.RemovalPolicy_RETAIN, nil)
	addOutput(stack, "BureauAddressIP", address.AttrPublicIp(), "public address for the bureau's allow-list")
	return address
}

// newEgress adds the VPC of the functions that call the bureau, or returns nil if the settings ask for no fixed address.
// One NAT gateway is enough: while its zone is down, uploads wait and nothing is lost.
func newEgress(stack awscdk.Stack, s Settings, r *records) awsec2.Vpc {
	if s.Egress != Fixed {
		return nil
	}
	log := awslogs.NewLogGroup(stack, jsii.String("NetworkLog"), &awslogs.LogGroupProps{
		Retention: logRetention[s.LogDays], RemovalPolicy: awscdk.RemovalPolicy_DESTROY,
	})
	return awsec2.NewVpc(stack, jsii.String("Network"), &awsec2.VpcProps{
		MaxAzs:      jsii.Number(2),
		NatGateways: jsii.Number(1),
		NatGatewayProvider: awsec2.NatProvider_Gateway(&awsec2.NatGatewayProps{
			EipAllocationIds: &[]*string{r.address.AttrAllocationId()},
		}),
		RestrictDefaultSecurityGroup: jsii.Bool(false), // would need a custom resource; no function uses that group
		GatewayEndpoints: &map[string]*awsec2.GatewayVpcEndpointOptions{
			"Table":    {Service: awsec2.GatewayVpcEndpointAwsService_DYNAMODB()},
			"Evidence": {Service: awsec2.GatewayVpcEndpointAwsService_S3()},
		},
		FlowLogs: &map[string]*awsec2.FlowLogOptions{
			"Log": {Destination: awsec2.FlowLogDestination_ToCloudWatchLogs(log, nil), TrafficType: awsec2.FlowLogTrafficType_REJECT},
		},
	})
}
