module receipt-gateway/tests/clients/go/go-openrouter

go 1.24

require (
	github.com/revrost/go-openrouter v1.4.0
	receipt-gateway/tests/clients/go v0.0.0
)

replace receipt-gateway/tests/clients/go => ../
