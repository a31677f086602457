module receipt-gateway/tests/clients/go/openrouter

go 1.25.10

require (
	github.com/OpenRouterTeam/go-sdk v0.7.67
	receipt-gateway/tests/clients/go v0.0.0
)

replace receipt-gateway/tests/clients/go => ../
