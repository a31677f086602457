module receipt-gateway/tests/clients/go/langchaingo

go 1.24.4

require (
	github.com/tmc/langchaingo v0.1.14
	receipt-gateway/tests/clients/go v0.0.0
)

replace receipt-gateway/tests/clients/go => ../
