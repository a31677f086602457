//! Currencies by their numbers in ISO 4217.

/// Numbers, and the codes that they stand for.
const CODES: [(&str, &str); 44] = [
    ("032", "ARS"),
    ("036", "AUD"),
    ("050", "BDT"),
    ("116", "KHR"),
    ("124", "CAD"),
    ("144", "LKR"),
    ("152", "CLP"),
    ("156", "CNY"),
    ("170", "COP"),
    ("188", "CRC"),
    ("344", "HKD"),
    ("356", "INR"),
    ("360", "IDR"),
    ("392", "JPY"),
    ("398", "KZT"),
    ("404", "KES"),
    ("410", "KRW"),
    ("417", "KGS"),
    ("418", "LAK"),
    ("446", "MOP"),
    ("458", "MYR"),
    ("484", "MXN"),
    ("524", "NPR"),
    ("554", "NZD"),
    ("566", "NGN"),
    ("586", "PKR"),
    ("604", "PEN"),
    ("608", "PHP"),
    ("634", "QAR"),
    ("643", "RUB"),
    ("646", "RWF"),
    ("682", "SAR"),
    ("702", "SGD"),
    ("704", "VND"),
    ("764", "THB"),
    ("784", "AED"),
    ("800", "UGX"),
    ("826", "GBP"),
    ("834", "TZS"),
    ("840", "USD"),
    ("860", "UZS"),
    ("901", "TWD"),
    ("978", "EUR"),
    ("986", "BRL"),
];

/// Returns the code of a currency's number.
pub(in crate::codes) fn code(number: &str) -> Option<&'static str> {
    let mut codes = CODES.iter();
    codes
        .find(|(other, _)| *other == number)
        .map(|(_, code)| *code)
}
