package receipts

import "encoding/json"

// Invoice is what is printed on one receipt or invoice, by the schema invoice. Decimals, dates and texts that the paper
// does not state are "".
type Invoice struct {
	VendorName    string `json:"vendor_name"`
	InvoiceNumber string `json:"invoice_number"`
	InvoiceDate   Date   `json:"invoice_date"`
	DueDate       Date   `json:"due_date"`
	// Items is what was bought, in the order printed. A service charge is an item.
	Items []Item `json:"items"`
	// Subtotal is the sum of the items before tax and discount.
	Subtotal Decimal `json:"subtotal"`
	// TaxRatePercent is 11 for 11 %; the largest where there are several.
	TaxRatePercent Decimal `json:"tax_rate_percent"`
	// TaxAmount is the tax, the sum where there are several.
	TaxAmount Decimal `json:"tax_amount"`
	// Discount is positive; negative on a credit note.
	Discount Decimal `json:"discount"`
	// TotalDue is what is to be paid; negative where it is paid back.
	TotalDue Decimal `json:"total_due"`
	// Taxes lists the tax by its rates, where the paper does.
	Taxes []Tax `json:"taxes"`
	// Prepaid was paid before, or is withheld.
	Prepaid Decimal `json:"prepaid"`
	// Rounding is what rounding added to the total.
	Rounding Decimal `json:"rounding"`
}

// Item is a line of an [Invoice].
type Item struct {
	Description string   `json:"description"`
	Details     []string `json:"details"`
	Quantity    Decimal  `json:"quantity"`
	UnitPrice   Decimal  `json:"unit_price"`
	Total       Decimal  `json:"total"`
	// Currency is an ISO 4217 code.
	Currency string `json:"currency"`
	Category string `json:"category"`
}

// Tax is the tax of one rate.
type Tax struct {
	RatePercent Decimal `json:"rate_percent"`
	Base        Decimal `json:"base"`
	Amount      Decimal `json:"amount"`
}

// Schema is one that requests can name.
type Schema struct {
	Name        string `json:"name"`
	Title       string `json:"title"`
	Description string `json:"description"`
	// Document is the JSON Schema, draft 2020-12.
	Document json.RawMessage `json:"schema"`
}
