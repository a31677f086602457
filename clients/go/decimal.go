package receipts

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"strconv"
	"strings"
	"time"
)

// Decimal is a number as it stands in the answer, digit by digit, such as "80.91". It is never a float. "" is null: the
// paper does not state it.
type Decimal string

// maxExponent bounds a decimal's exponent, so that no answer makes a number of endless length.
const maxExponent = 64

// errNull is the error of arithmetic on a null.
var errNull = errors.New("the value is null")

// IsNull says whether the paper does not state the number.
func (d Decimal) IsNull() bool { return d == "" }

// UnmarshalJSON takes a number or null.
func (d *Decimal) UnmarshalJSON(data []byte) error {
	if bytes.Equal(data, []byte("null")) {
		*d = ""
		return nil
	}
	var number json.Number
	if len(data) == 0 || data[0] == '"' {
		return fmt.Errorf("%.40q is no number", data)
	}
	if err := json.Unmarshal(data, &number); err != nil {
		return err
	}
	*d = Decimal(number)
	return nil
}

// MarshalJSON writes the number, or null.
func (d Decimal) MarshalJSON() ([]byte, error) {
	if d.IsNull() {
		return []byte("null"), nil
	}
	return json.Marshal(json.Number(d))
}

// Rat returns the exact number, for arithmetic.
func (d Decimal) Rat() (*big.Rat, error) {
	if d.IsNull() {
		return nil, errNull
	}
	// What JSON calls a number: big.Rat takes fractions and powers of 2 too.
	if !json.Valid([]byte(d)) || !strings.Contains("-0123456789", string(d[:1])) {
		return nil, fmt.Errorf("%.40q is no number", string(d))
	}
	_, exponent, _ := strings.Cut(strings.ToLower(string(d)), "e")
	power, err := strconv.Atoi(exponent)
	if exponent != "" && (err != nil || power > maxExponent || power < -maxExponent) {
		return nil, fmt.Errorf("%.40q has an exponent out of bounds", string(d))
	}
	rat, ok := new(big.Rat).SetString(string(d))
	if !ok {
		return nil, fmt.Errorf("%.40q is no number", string(d))
	}
	return rat, nil
}

// Minor returns an amount in units of 10 to the power of -places: Minor(2) of 80.91 is 8091. A number that has more
// decimals, or does not fit, is an error; nothing is rounded.
func (d Decimal) Minor(places int) (int64, error) {
	rat, err := d.Rat()
	if err != nil {
		return 0, err
	}
	if places < 0 || places > maxExponent {
		return 0, fmt.Errorf("%d decimals are out of bounds", places)
	}
	scale := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(places)), nil)
	rat.Mul(rat, new(big.Rat).SetInt(scale))
	if !rat.IsInt() || !rat.Num().IsInt64() {
		return 0, fmt.Errorf("%s is no whole number of units with %d decimals", d, places)
	}
	return rat.Num().Int64(), nil
}

// Date is a day, YYYY-MM-DD. "" is null: the paper does not state it.
type Date string

// IsNull says whether the paper does not state the day.
func (d Date) IsNull() bool { return d == "" }

// MarshalJSON writes the day, or null.
func (d Date) MarshalJSON() ([]byte, error) {
	if d.IsNull() {
		return []byte("null"), nil
	}
	return json.Marshal(string(d))
}

// Time returns the day's beginning in UTC.
func (d Date) Time() (time.Time, error) {
	if d.IsNull() {
		return time.Time{}, errNull
	}
	return time.Parse(time.DateOnly, string(d))
}
