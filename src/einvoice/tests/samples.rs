//! Invoices of each syntax, written for these tests.

/// A Factur-X invoice with two rates, a base quantity, an allowance, a charge, prepaid and rounding.
pub const CII: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<inv:CrossIndustryInvoice xmlns:inv="urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100"
  xmlns="urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100"
  xmlns:u="urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100">
 <inv:ExchangedDocumentContext>
  <GuidelineSpecifiedDocumentContextParameter><ID>urn:cen.eu:en16931:2017</ID></GuidelineSpecifiedDocumentContextParameter>
 </inv:ExchangedDocumentContext>
 <inv:ExchangedDocument>
  <ID>F-2026-7</ID><TypeCode>380</TypeCode>
  <IssueDateTime><u:DateTimeString format="102">20260228</u:DateTimeString></IssueDateTime>
 </inv:ExchangedDocument>
 <inv:SupplyChainTradeTransaction>
  <IncludedSupplyChainTradeLineItem>
   <AssociatedDocumentLineDocument><LineID>1</LineID></AssociatedDocumentLineDocument>
   <SpecifiedTradeProduct><Name>Vis  M4
     inox</Name><Description>Par boîte de cent</Description></SpecifiedTradeProduct>
   <SpecifiedLineTradeAgreement><NetPriceProductTradePrice>
    <ChargeAmount>12.50</ChargeAmount><BasisQuantity unitCode="H87">100</BasisQuantity>
   </NetPriceProductTradePrice></SpecifiedLineTradeAgreement>
   <SpecifiedLineTradeDelivery><BilledQuantity unitCode="C62">400</BilledQuantity></SpecifiedLineTradeDelivery>
   <SpecifiedLineTradeSettlement>
    <ApplicableTradeTax><TypeCode>VAT</TypeCode><CategoryCode>S</CategoryCode><RateApplicablePercent>20</RateApplicablePercent></ApplicableTradeTax>
    <SpecifiedTradeAllowanceCharge><ChargeIndicator><u:Indicator>false</u:Indicator></ChargeIndicator><ActualAmount>2.00</ActualAmount></SpecifiedTradeAllowanceCharge>
    <SpecifiedTradeSettlementLineMonetarySummation><LineTotalAmount>48.00</LineTotalAmount></SpecifiedTradeSettlementLineMonetarySummation>
   </SpecifiedLineTradeSettlement>
  </IncludedSupplyChainTradeLineItem>
  <IncludedSupplyChainTradeLineItem>
   <AssociatedDocumentLineDocument><LineID>2</LineID></AssociatedDocumentLineDocument>
   <SpecifiedTradeProduct><Name>Livre</Name><Description>livre</Description></SpecifiedTradeProduct>
   <SpecifiedLineTradeAgreement><NetPriceProductTradePrice><ChargeAmount>26.0000</ChargeAmount></NetPriceProductTradePrice></SpecifiedLineTradeAgreement>
   <SpecifiedLineTradeDelivery><BilledQuantity unitCode="C62">2</BilledQuantity></SpecifiedLineTradeDelivery>
   <SpecifiedLineTradeSettlement>
    <ApplicableTradeTax><RateApplicablePercent>5.5</RateApplicablePercent></ApplicableTradeTax>
    <SpecifiedTradeSettlementLineMonetarySummation><LineTotalAmount>52.00</LineTotalAmount></SpecifiedTradeSettlementLineMonetarySummation>
   </SpecifiedLineTradeSettlement>
  </IncludedSupplyChainTradeLineItem>
  <ApplicableHeaderTradeAgreement><SellerTradeParty><Name>Quincaillerie Exemple SARL</Name></SellerTradeParty></ApplicableHeaderTradeAgreement>
  <ApplicableHeaderTradeDelivery/>
  <ApplicableHeaderTradeSettlement>
   <InvoiceCurrencyCode>EUR</InvoiceCurrencyCode>
   <ApplicableTradeTax><CalculatedAmount>10.60</CalculatedAmount><BasisAmount>53.00</BasisAmount><RateApplicablePercent>20.00</RateApplicablePercent></ApplicableTradeTax>
   <ApplicableTradeTax><CalculatedAmount>2.59</CalculatedAmount><BasisAmount>47.00</BasisAmount><RateApplicablePercent>5.50</RateApplicablePercent></ApplicableTradeTax>
   <SpecifiedTradeAllowanceCharge><ChargeIndicator><u:Indicator>true</u:Indicator></ChargeIndicator><ActualAmount>5.00</ActualAmount><Reason>Port</Reason></SpecifiedTradeAllowanceCharge>
   <SpecifiedTradeAllowanceCharge><ChargeIndicator><u:Indicator>false</u:Indicator></ChargeIndicator><ActualAmount>5.00</ActualAmount><Reason>Remise</Reason></SpecifiedTradeAllowanceCharge>
   <SpecifiedTradePaymentTerms><DueDateDateTime><u:DateTimeString format="102">20260330</u:DateTimeString></DueDateDateTime></SpecifiedTradePaymentTerms>
   <SpecifiedTradeSettlementHeaderMonetarySummation>
    <LineTotalAmount>100.00</LineTotalAmount><ChargeTotalAmount>5.00</ChargeTotalAmount><AllowanceTotalAmount>5.00</AllowanceTotalAmount>
    <TaxBasisTotalAmount>100.00</TaxBasisTotalAmount>
    <TaxTotalAmount currencyID="EUR">13.19</TaxTotalAmount><TaxTotalAmount currencyID="CHF">12.40</TaxTotalAmount>
    <RoundingAmount>0.01</RoundingAmount><GrandTotalAmount>113.19</GrandTotalAmount>
    <TotalPrepaidAmount>13.20</TotalPrepaidAmount><DuePayableAmount>100.00</DuePayableAmount>
   </SpecifiedTradeSettlementHeaderMonetarySummation>
  </ApplicableHeaderTradeSettlement>
 </inv:SupplyChainTradeTransaction>
</inv:CrossIndustryInvoice>"#;

/// An invoice of `ZUGFeRD` 1, with a line that is a text alone.
pub const ZUGFERD_1: &str = r#"<rsm:CrossIndustryDocument xmlns:rsm="urn:ferd:CrossIndustryDocument:invoice:1p0"
  xmlns:ram="urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:12"
  xmlns:udt="urn:un:unece:uncefact:data:standard:UnqualifiedDataType:15">
 <rsm:SpecifiedExchangedDocumentContext><ram:GuidelineSpecifiedDocumentContextParameter>
  <ram:ID>urn:ferd:CrossIndustryDocument:invoice:1p0:comfort</ram:ID>
 </ram:GuidelineSpecifiedDocumentContextParameter></rsm:SpecifiedExchangedDocumentContext>
 <rsm:HeaderExchangedDocument><ram:ID>R 12</ram:ID><ram:TypeCode>380</ram:TypeCode>
  <ram:IssueDateTime><udt:DateTimeString format="102">20150301</udt:DateTimeString></ram:IssueDateTime></rsm:HeaderExchangedDocument>
 <rsm:SpecifiedSupplyChainTradeTransaction>
  <ram:ApplicableSupplyChainTradeAgreement><ram:SellerTradeParty><ram:Name>Muster GmbH</ram:Name></ram:SellerTradeParty></ram:ApplicableSupplyChainTradeAgreement>
  <ram:ApplicableSupplyChainTradeSettlement>
   <ram:InvoiceCurrencyCode>EUR</ram:InvoiceCurrencyCode>
   <ram:ApplicableTradeTax><ram:CalculatedAmount currencyID="EUR">20.71</ram:CalculatedAmount><ram:BasisAmount currencyID="EUR">109.00</ram:BasisAmount><ram:ApplicablePercent>19.00</ram:ApplicablePercent></ram:ApplicableTradeTax>
   <ram:SpecifiedLogisticsServiceCharge><ram:Description>Versand</ram:Description><ram:AppliedAmount currencyID="EUR">9.00</ram:AppliedAmount></ram:SpecifiedLogisticsServiceCharge>
   <ram:SpecifiedTradeSettlementMonetarySummation>
    <ram:LineTotalAmount currencyID="EUR">100.00</ram:LineTotalAmount><ram:ChargeTotalAmount currencyID="EUR">9.00</ram:ChargeTotalAmount>
    <ram:AllowanceTotalAmount currencyID="EUR">0.00</ram:AllowanceTotalAmount><ram:TaxBasisTotalAmount currencyID="EUR">109.00</ram:TaxBasisTotalAmount>
    <ram:TaxTotalAmount currencyID="EUR">20.71</ram:TaxTotalAmount><ram:GrandTotalAmount currencyID="EUR">129.71</ram:GrandTotalAmount>
   </ram:SpecifiedTradeSettlementMonetarySummation>
  </ram:ApplicableSupplyChainTradeSettlement>
  <ram:IncludedSupplyChainTradeLineItem><ram:AssociatedDocumentLineDocument><ram:IncludedNote><ram:Content>Wie besprochen</ram:Content></ram:IncludedNote></ram:AssociatedDocumentLineDocument></ram:IncludedSupplyChainTradeLineItem>
  <ram:IncludedSupplyChainTradeLineItem>
   <ram:SpecifiedSupplyChainTradeAgreement><ram:NetPriceProductTradePrice><ram:ChargeAmount currencyID="EUR">50.0000</ram:ChargeAmount></ram:NetPriceProductTradePrice></ram:SpecifiedSupplyChainTradeAgreement>
   <ram:SpecifiedSupplyChainTradeDelivery><ram:BilledQuantity unitCode="HUR">2.0000</ram:BilledQuantity></ram:SpecifiedSupplyChainTradeDelivery>
   <ram:SpecifiedSupplyChainTradeSettlement><ram:SpecifiedTradeSettlementMonetarySummation><ram:LineTotalAmount currencyID="EUR">100.00</ram:LineTotalAmount></ram:SpecifiedTradeSettlementMonetarySummation></ram:SpecifiedSupplyChainTradeSettlement>
   <ram:SpecifiedTradeProduct><ram:Name>Beratung</ram:Name></ram:SpecifiedTradeProduct>
  </ram:IncludedSupplyChainTradeLineItem>
 </rsm:SpecifiedSupplyChainTradeTransaction>
</rsm:CrossIndustryDocument>"#;

/// A Peppol invoice with an exempt rate, and amounts in a currency of accounting.
pub const UBL: &str = r#"<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"
  xmlns:a="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"
  xmlns:b="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2">
 <b:CustomizationID>urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0</b:CustomizationID>
 <b:ID>S-100</b:ID>
 <b:IssueDate>2026-01-31</b:IssueDate>
 <b:DueDate>2026-03-02</b:DueDate>
 <b:InvoiceTypeCode>380</b:InvoiceTypeCode>
 <b:DocumentCurrencyCode>SEK</b:DocumentCurrencyCode>
 <b:TaxCurrencyCode>EUR</b:TaxCurrencyCode>
 <a:AccountingSupplierParty><a:Party>
  <a:PartyName><b:Name>Exempelbutiken</b:Name></a:PartyName>
  <a:PartyLegalEntity><b:RegistrationName>Exempel AB</b:RegistrationName></a:PartyLegalEntity>
 </a:Party></a:AccountingSupplierParty>
 <a:AllowanceCharge><b:ChargeIndicator>true</b:ChargeIndicator><b:AllowanceChargeReasonCode>FC</b:AllowanceChargeReasonCode><b:Amount currencyID="SEK">40.00</b:Amount></a:AllowanceCharge>
 <a:TaxTotal><b:TaxAmount currencyID="SEK">260.00</b:TaxAmount>
  <a:TaxSubtotal><b:TaxableAmount currencyID="SEK">1040.00</b:TaxableAmount><b:TaxAmount currencyID="SEK">260.00</b:TaxAmount><a:TaxCategory><b:ID>S</b:ID><b:Percent>25</b:Percent></a:TaxCategory></a:TaxSubtotal>
  <a:TaxSubtotal><b:TaxableAmount currencyID="SEK">60.50</b:TaxableAmount><b:TaxAmount currencyID="SEK">0.00</b:TaxAmount><a:TaxCategory><b:ID>O</b:ID></a:TaxCategory></a:TaxSubtotal>
 </a:TaxTotal>
 <a:TaxTotal><b:TaxAmount currencyID="EUR">22.75</b:TaxAmount></a:TaxTotal>
 <a:LegalMonetaryTotal>
  <b:LineExtensionAmount currencyID="SEK">1060.50</b:LineExtensionAmount>
  <b:TaxExclusiveAmount currencyID="SEK">1100.50</b:TaxExclusiveAmount>
  <b:TaxInclusiveAmount currencyID="SEK">1360.50</b:TaxInclusiveAmount>
  <b:ChargeTotalAmount currencyID="SEK">40.00</b:ChargeTotalAmount>
  <b:PayableRoundingAmount currencyID="SEK">0.50</b:PayableRoundingAmount>
  <b:PayableAmount currencyID="SEK">1361.00</b:PayableAmount>
 </a:LegalMonetaryTotal>
 <a:InvoiceLine><b:ID>1</b:ID><b:InvoicedQuantity unitCode="KGM">-2.5</b:InvoicedQuantity><b:LineExtensionAmount currencyID="SEK">-100.00</b:LineExtensionAmount>
  <a:Item><b:Name>Ärter</b:Name><a:ClassifiedTaxCategory><b:Percent>25</b:Percent></a:ClassifiedTaxCategory></a:Item>
  <a:Price><b:PriceAmount currencyID="SEK">40</b:PriceAmount></a:Price></a:InvoiceLine>
 <a:InvoiceLine><b:ID>2</b:ID><b:InvoicedQuantity unitCode="C62">3</b:InvoicedQuantity><b:LineExtensionAmount currencyID="SEK">1100.00</b:LineExtensionAmount>
  <a:Item><b:Description>Stol &amp; bord</b:Description></a:Item>
  <a:Price><b:PriceAmount currencyID="SEK">1100.00</b:PriceAmount><b:BaseQuantity unitCode="C62">3</b:BaseQuantity></a:Price></a:InvoiceLine>
 <a:InvoiceLine><b:ID>3</b:ID><b:InvoicedQuantity unitCode="C62">1</b:InvoicedQuantity><b:LineExtensionAmount currencyID="SEK">60.50</b:LineExtensionAmount>
  <a:Item><b:Name>Pant</b:Name></a:Item><a:Price><b:PriceAmount currencyID="SEK">60.50</b:PriceAmount></a:Price></a:InvoiceLine>
</Invoice>"#;

/// A UBL credit note.
pub const CREDIT_NOTE: &str = r#"<CreditNote xmlns="urn:oasis:names:specification:ubl:schema:xsd:CreditNote-2"
  xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"
  xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2">
 <cbc:ID>G1</cbc:ID><cbc:IssueDate>2026-05-04Z</cbc:IssueDate><cbc:CreditNoteTypeCode>381</cbc:CreditNoteTypeCode>
 <cbc:DocumentCurrencyCode>EUR</cbc:DocumentCurrencyCode>
 <cac:AccountingSupplierParty><cac:Party><cac:PartyLegalEntity><cbc:RegistrationName>例示株式会社</cbc:RegistrationName></cac:PartyLegalEntity></cac:Party></cac:AccountingSupplierParty>
 <cac:PaymentMeans><cbc:PaymentDueDate>2026-06-04</cbc:PaymentDueDate></cac:PaymentMeans>
 <cac:AllowanceCharge><cbc:ChargeIndicator>false</cbc:ChargeIndicator><cbc:Amount currencyID="EUR">1.00</cbc:Amount></cac:AllowanceCharge>
 <cac:TaxTotal><cbc:TaxAmount currencyID="EUR">1.80</cbc:TaxAmount><cac:TaxSubtotal><cbc:TaxableAmount currencyID="EUR">9.00</cbc:TaxableAmount><cbc:TaxAmount currencyID="EUR">1.80</cbc:TaxAmount><cac:TaxCategory><cbc:Percent>20</cbc:Percent></cac:TaxCategory></cac:TaxSubtotal></cac:TaxTotal>
 <cac:LegalMonetaryTotal><cbc:LineExtensionAmount currencyID="EUR">10.00</cbc:LineExtensionAmount><cbc:TaxExclusiveAmount currencyID="EUR">9.00</cbc:TaxExclusiveAmount><cbc:TaxInclusiveAmount currencyID="EUR">10.80</cbc:TaxInclusiveAmount><cbc:AllowanceTotalAmount currencyID="EUR">1.00</cbc:AllowanceTotalAmount><cbc:PayableAmount currencyID="EUR">10.80</cbc:PayableAmount></cac:LegalMonetaryTotal>
 <cac:CreditNoteLine><cbc:ID>1</cbc:ID><cbc:CreditedQuantity unitCode="C62">4</cbc:CreditedQuantity><cbc:LineExtensionAmount currencyID="EUR">10.00</cbc:LineExtensionAmount><cac:Item><cbc:Name>りんご</cbc:Name></cac:Item><cac:Price><cbc:PriceAmount currencyID="EUR">2.50</cbc:PriceAmount></cac:Price></cac:CreditNoteLine>
</CreditNote>"#;

/// A `FatturaPA` of a professional, with a pension fund and withheld tax.
pub const FATTURA: &str = r#"<?xml version="1.0"?>
<p:FatturaElettronica versione="FPR12" xmlns:p="http://ivaservizi.agenziaentrate.gov.it/docs/xsd/fatture/v1.2">
 <FatturaElettronicaHeader><CedentePrestatore><DatiAnagrafici><Anagrafica><Nome>Ada</Nome><Cognome>Esempio</Cognome></Anagrafica></DatiAnagrafici></CedentePrestatore></FatturaElettronicaHeader>
 <FatturaElettronicaBody>
  <DatiGenerali><DatiGeneraliDocumento>
   <TipoDocumento>TD06</TipoDocumento><Divisa>EUR</Divisa><Data>2026-04-01</Data><Numero>7/A</Numero>
   <DatiRitenuta><TipoRitenuta>RT01</TipoRitenuta><ImportoRitenuta>200.00</ImportoRitenuta><AliquotaRitenuta>20.00</AliquotaRitenuta></DatiRitenuta>
   <DatiCassaPrevidenziale><TipoCassa>TC22</TipoCassa><AlCassa>4.00</AlCassa><ImportoContributoCassa>40.00</ImportoContributoCassa><AliquotaIVA>22.00</AliquotaIVA></DatiCassaPrevidenziale>
   <ImportoTotaleDocumento>1268.80</ImportoTotaleDocumento>
  </DatiGeneraliDocumento></DatiGenerali>
  <DatiBeniServizi>
   <DettaglioLinee><NumeroLinea>1</NumeroLinea><Descrizione>Consulenza</Descrizione><Quantita>8.00000000</Quantita><PrezzoUnitario>125.00000000</PrezzoUnitario><PrezzoTotale>1000.00</PrezzoTotale><AliquotaIVA>22.00</AliquotaIVA></DettaglioLinee>
   <DatiRiepilogo><AliquotaIVA>22.00</AliquotaIVA><ImponibileImporto>1040.00</ImponibileImporto><Imposta>228.80</Imposta><EsigibilitaIVA>I</EsigibilitaIVA></DatiRiepilogo>
  </DatiBeniServizi>
  <DatiPagamento><CondizioniPagamento>TP02</CondizioniPagamento><DettaglioPagamento><ModalitaPagamento>MP05</ModalitaPagamento><DataScadenzaPagamento>2026-05-01</DataScadenzaPagamento><ImportoPagamento>1068.80</ImportoPagamento></DettaglioPagamento></DatiPagamento>
 </FatturaElettronicaBody>
</p:FatturaElettronica>"#;

/// A simplified `FatturaPA`.
pub const SIMPLIFIED: &str = r#"<f:FatturaElettronicaSemplificata versione="FSM10" xmlns:f="http://ivaservizi.agenziaentrate.gov.it/docs/xsd/fatture/v1.0">
 <FatturaElettronicaHeader><CedentePrestatore><Denominazione>Bar Esempio</Denominazione></CedentePrestatore></FatturaElettronicaHeader>
 <FatturaElettronicaBody>
  <DatiGenerali><DatiGeneraliDocumento><TipoDocumento>TD07</TipoDocumento><Divisa>EUR</Divisa><Data>2026-04-02</Data><Numero>9</Numero></DatiGeneraliDocumento></DatiGenerali>
  <DatiBeniServizi><Descrizione>Pranzo</Descrizione><Importo>22.00</Importo><DatiIVA><Imposta>2.00</Imposta><Aliquota>10.00</Aliquota></DatiIVA></DatiBeniServizi>
  <DatiBeniServizi><Descrizione>Caffè</Descrizione><Importo>1.10</Importo><DatiIVA><Imposta>0.10</Imposta></DatiIVA></DatiBeniServizi>
 </FatturaElettronicaBody>
</f:FatturaElettronicaSemplificata>"#;

/// All of them.
pub const ALL: [&str; 6] = [CII, ZUGFERD_1, UBL, CREDIT_NOTE, FATTURA, SIMPLIFIED];
