//! An answer with the places of its values, in which the quantity or the unit price of an item is put right whose total
//! they do not make.
//!
//! Where a price is not printed beside the item, as where one piece was bought, it is the total over the quantity. Where
//! it is, the quantity is the total over the price, if it is one piece or is printed there too. An item whose printed
//! price and quantity make another total, such as one with a discount, stays as it is read.

use std::sync::Arc;

use rust_decimal::Decimal;

use super::{
    checks, coded,
    evidence::{self, Evidence, FieldEvidence, Standing},
    reading::CheckedReceipt,
    schema::ReceiptSchema,
};
use crate::{page::PageReading, telemetry};

/// How far above and below an item its quantity and its price may stand, in heights of its total.
const ABOVE: f32 = 0.5;
const BELOW: f32 = 1.5;

/// Most items of an answer that are put right: each is looked up on the pages anew, and a list with more is read wrong.
const MOST_PUT_RIGHT: usize = 20;

/// An answer with the places of its values.
pub struct PlacedAnswer {
    /// The object.
    pub receipt: CheckedReceipt,
    /// Where its values stand.
    pub evidence: Vec<FieldEvidence>,
    /// JSON pointers to the values that were put right.
    pub put_right: Vec<String>,
}

impl PlacedAnswer {
    /// Puts the quantities and prices right.
    pub async fn settle(self, schema: &ReceiptSchema, pages: &Arc<Vec<PageReading>>) -> Self {
        let mut settled = self;
        let unmade = checks::unmade_products(settled.receipt.as_json());
        for product in unmade.into_iter().take(MOST_PUT_RIGHT) {
            let name = |field: &str| format!("/items/{}/{field}", product.item);
            let is_priced = settled.is_beside(product.item, &name("unit_price"));
            let (pointer, value) = if is_priced {
                (name("quantity"), product.quantity)
            } else {
                (name("unit_price"), product.price)
            };
            if let Some(value) = value {
                settled = settled
                    .with(product.item, pointer, value, schema, pages)
                    .await;
            }
        }
        settled
    }

    /// Returns the answer with another value, as it is if that does not stand beside the item where it has to.
    async fn with(
        self,
        item: usize,
        pointer: String,
        value: Decimal,
        schema: &ReceiptSchema,
        pages: &Arc<Vec<PageReading>>,
    ) -> Self {
        let changed = coded::number(value)
            .and_then(|value| CheckedReceipt::with(&self.receipt, &pointer, value, schema));
        let Some(receipt) = changed else {
            return self;
        };
        let evidence = look_up(&receipt, schema, pages.clone()).await;
        let mut put_right = self.put_right.clone();
        put_right.push(pointer.clone());
        let changed = Self {
            receipt,
            evidence,
            put_right,
        };
        let stands = match changed.standing(&pointer) {
            Some(Standing::Exempt | Standing::Derived) => true,
            Some(Standing::Printed(_)) => {
                pointer.ends_with("unit_price") || changed.is_beside(item, &pointer)
            }
            _ => false,
        };
        if stands { changed } else { self }
    }

    /// Returns whether a value is printed beside an item: between its description and a little below its total.
    fn is_beside(&self, item: usize, pointer: &str) -> bool {
        let of_item = |field: &str| self.place(&format!("/items/{item}/{field}"));
        let (Some(total), Some(value)) = (of_item("total"), self.place(pointer)) else {
            return false;
        };
        let name = of_item("description").filter(|name| name.page == total.page);
        let height = total.area.height;
        let top = name.map_or(total.area.y, |name| name.area.y.min(total.area.y));
        let bottom = total.area.y + height;
        let bottom = name.map_or(bottom, |name| bottom.max(name.area.y + name.area.height));
        let middle = value.area.y + value.area.height / 2.0;
        value.page == total.page
            && value.area != total.area
            && (top - ABOVE * height..bottom + BELOW * height).contains(&middle)
    }

    fn place(&self, pointer: &str) -> Option<&Evidence> {
        self.standing(pointer)?.evidence().first()
    }

    fn standing(&self, pointer: &str) -> Option<&Standing> {
        let field = self.evidence.iter().find(|field| field.pointer == pointer);
        field.map(|field| &field.standing)
    }
}

/// Looks the values of a receipt up on the pages, on a blocking thread.
pub async fn look_up(
    receipt: &CheckedReceipt,
    schema: &ReceiptSchema,
    pages: Arc<Vec<PageReading>>,
) -> Vec<FieldEvidence> {
    let (receipt, schema) = (receipt.clone(), schema.clone());
    let work =
        telemetry::carried_over(move || evidence::of_fields(receipt.as_json(), &schema, &pages));
    let found = tokio::task::spawn_blocking(work).await;
    found.unwrap_or_else(|error| {
        tracing::error!(%error, "looking values up on the pages failed");
        Vec::new()
    })
}
