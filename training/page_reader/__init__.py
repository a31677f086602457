"""The nets of the gateway's own reader of page text: one finds lines, one reads them."""
