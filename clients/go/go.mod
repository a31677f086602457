module receipt-gateway/clients/go

go 1.23
