"""The tokenizer: bytes, and whole pieces of the invoice's JSON."""

from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers

SPECIAL = (
    "<|endoftext|>",
    "<|im_start|>",
    "<|im_end|>",
    "<|vision_start|>",
    "<|vision_end|>",
    "<|image_pad|>",
    "<|video_pad|>",
)
PROMPT = "invoice"  # asks for the invoice as JSON
BRIEF = "brief"  # asks for the object of schemas/receipt-brief.schema.json
TRANSCRIBE = "text"  # asks for the printed text, from the start of the answer on
CATEGORIES = (
    "FOOD GROCERIES TRANSPORT SHOPPING ENTERTAINMENT UTILITIES SUBSCRIPTIONS HEALTHCARE OTHER"
).split()
PIECES = (
    '{"vendor_name":',
    ',"invoice_number":',
    ',"invoice_date":',
    ',"due_date":',
    ',"items":[',
    '{"description":"',
    '","details":[',
    '],"quantity":',
    ',"unit_price":',
    ',"total":',
    ',"currency":"',
    '","category":"',
    '"},{"description":"',
    '"}]',
    ',"subtotal":',
    ',"tax_rate_percent":',
    ',"tax_amount":',
    ',"discount":',
    ',"total_due":',
    "null",
    *CATEGORIES,
    *("IDR", "MYR", "USD", "SGD", "EUR"),
    *("user", "assistant", PROMPT, TRANSCRIBE),
    *(" " * 2, " " * 4, " " * 8, " " * 16),  # between the columns of a page's text
)


def make_tokenizer() -> Tokenizer:
    """Byte-level, without merges: a character of ASCII is a token. The pieces are added tokens
    that are not special, so that a grammar sees their bytes."""
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    tokenizer = Tokenizer(models.BPE({c: i for i, c in enumerate(alphabet)}, []))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    tokenizer.decoder = decoders.ByteLevel(
        add_prefix_space=False, trim_offsets=False, use_regex=False
    )
    tokenizer.add_special_tokens([AddedToken(t, special=True, normalized=False) for t in SPECIAL])
    tokenizer.add_tokens([AddedToken(t, special=False, normalized=False) for t in PIECES])
    return tokenizer


CHAT_TEMPLATE = (
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n"
    "{% if message['content'] is string %}{{ message['content'] }}"
    "{% else %}{% for content in message['content'] %}"
    "{% if 'text' in content %}{{ content['text'] }}"
    "{% else %}<|vision_start|><|image_pad|><|vision_end|>{% endif %}"
    "{% endfor %}{% endif %}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
