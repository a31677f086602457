package receipts

import (
	"encoding/json"
	"testing"
	"time"
)

func TestDecimalsAreExact(t *testing.T) {
	for text, wanted := range map[string]Decimal{
		"null": "", "80.91": "80.91", "16777217": "16777217", "-0.005": "-0.005", "999999999999999": "999999999999999",
	} {
		var decimal Decimal
		if err := json.Unmarshal([]byte(text), &decimal); err != nil || decimal != wanted {
			t.Errorf("%s: %q %v", text, decimal, err)
		}
		if written, err := json.Marshal(decimal); err != nil || string(written) != text {
			t.Errorf("%s: %s %v", text, written, err)
		}
	}
	for _, text := range []string{`"80.91"`, `true`, `{}`, `[1]`} {
		if err := json.Unmarshal([]byte(text), new(Decimal)); err == nil {
			t.Errorf("%s is a number", text)
		}
	}
}

func TestMinorUnitsAreNeverRounded(t *testing.T) {
	for _, c := range []struct {
		decimal Decimal
		places  int
		wanted  int64
	}{
		{"80.91", 2, 8091}, {"80.910", 2, 8091}, {"203800", 0, 203800}, {"-1.5", 3, -1500}, {"2e3", 0, 2000},
	} {
		if minor, err := c.decimal.Minor(c.places); err != nil || minor != c.wanted {
			t.Errorf("%s: %d %v", c.decimal, minor, err)
		}
	}
	for _, c := range []struct {
		decimal Decimal
		places  int
	}{
		{"", 2}, {"80.915", 2}, {"9223372036854775808", 0}, {"1e65", 0}, {"1e999999999", 0}, {"1/3", 2}, {"1p9", 0}, {"0x1", 0}, {"true", 0}, {"x", 2}, {"1", -1},
	} {
		if minor, err := c.decimal.Minor(c.places); err == nil {
			t.Errorf("%s is %d", c.decimal, minor)
		}
	}
}

func TestDatesAreDays(t *testing.T) {
	day, err := Date("2026-03-14").Time()
	if err != nil || !day.Equal(time.Date(2026, time.March, 14, 0, 0, 0, 0, time.UTC)) {
		t.Errorf("%v %v", day, err)
	}
	if _, err := Date("").Time(); err == nil {
		t.Error("no date is a day")
	}
}
