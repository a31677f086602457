module receipt-gateway/tests/clients/go

go 1.24
