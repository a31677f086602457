module receipt-gateway/tests/clients/go/eino

go 1.24

require (
	github.com/bytedance/sonic v1.15.1 // earlier ones do not compile with Go 1.27
	github.com/cloudwego/eino v0.7.13
	github.com/cloudwego/eino-ext/components/model/openai v0.1.13
	github.com/eino-contrib/jsonschema v1.0.3
	receipt-gateway/tests/clients/go v0.0.0
)

replace receipt-gateway/tests/clients/go => ../
