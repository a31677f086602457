module receipt-gateway/tests/clients/go/go-openai

go 1.24

require (
	github.com/sashabaranov/go-openai v1.42.0
	receipt-gateway/tests/clients/go v0.0.0
)

replace receipt-gateway/tests/clients/go => ../
