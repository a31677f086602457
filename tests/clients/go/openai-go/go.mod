module receipt-gateway/tests/clients/go/openai-go

go 1.25.0

require (
	github.com/openai/openai-go/v3 v3.52.0
	receipt-gateway/tests/clients/go v0.0.0
)

replace receipt-gateway/tests/clients/go => ../
