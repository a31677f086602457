// Prints the payloads of codes that packages of Node write, as one JSON object by the name of the code.
import { CurrencyCode, encode, PaymentOptions } from "bysquare/pay";
import promptpay from "promptpay-qr";

const bysquare = encode({
  payments: [
    {
      type: PaymentOptions.PaymentOrder,
      amount: 123.45,
      currencyCode: CurrencyCode.EUR,
      paymentDueDate: "20260404",
      variableSymbol: "20260117",
      beneficiary: { name: "Obchod Priklad s.r.o." },
      // The account of the example in the IBAN registry.
      bankAccounts: [{ iban: "SK3112000000198742637541" }],
    },
  ],
});
console.log(
  JSON.stringify({ bysquare, promptpay: promptpay("0000000000000", { amount: 342.5 }) }),
);
