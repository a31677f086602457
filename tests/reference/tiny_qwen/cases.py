"""What the models are asked: text, pictures before, after and within it, turns."""

BATCH = ["batch-a", "batch-b", "batch-c"]


def cases(prefix: str) -> list[dict]:
    def text(words: str) -> dict:
        return {"type": "text", "text": words}

    def image(name: str) -> dict:
        return {"type": "image", "file": f"pictures/{prefix}-{name}.png"}

    def user(*parts) -> dict:
        content = parts[0] if len(parts) == 1 and isinstance(parts[0], str) else list(parts)
        return {"role": "user", "content": content}

    read = text("Read this receipt and return the items as JSON.")
    return [
        {
            "name": "text-only",
            "messages": [
                user("List the items and the total of a receipt from Toko Sumber Rejeki.")
            ],
        },
        {
            "name": "picture-then-text",
            "messages": [user(image("bars"), text("What is the total due on this receipt?"))],
        },
        {
            "name": "text-then-picture",
            "messages": [user(text("Siapa nama toko pada struk ini? "), image("noise"))],
        },
        {
            "name": "text-around-picture",
            "messages": [
                user(text("Here is a receipt: "), image("scrap-a"), text(" What is the tax?"))
            ],
        },
        {
            "name": "two-pictures",
            "messages": [
                user(image("strip"), image("noise"), text("Which of the two total is higher?"))
            ],
        },
        {
            "name": "two-pictures-interleaved",
            "messages": [
                user(
                    text("First: "),
                    image("bars"),
                    text(" Second: "),
                    image("scrap-b"),
                    text(" Compare the two receipts."),
                )
            ],
        },
        # The next three have equal lengths, so an engine may decode them as one batch. The third
        # has another grid, and so another distance between its token count and its positions.
        {"name": "batch-a", "messages": [user(image("scrap-a"), read)]},
        {"name": "batch-b", "messages": [user(image("scrap-b"), read)]},
        {"name": "batch-c", "messages": [user(image("strip"), read)]},
        {
            "name": "system-message",
            "messages": [
                {"role": "system", "content": "You read receipts and answer in JSON only."},
                user(image("noise"), text("Extract the invoice from the image.")),
            ],
        },
        {
            "name": "multi-turn",
            "messages": [
                user(image("scrap-b"), text("What is the total?")),
                {"role": "assistant", "content": "Total pembayaran Rp 27.225"},
                user("Who is the vendor?"),
            ],
        },
    ]
