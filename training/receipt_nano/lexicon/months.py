"""Names of the months, whole and short, by country."""

from .phrases import phrases

MONTHS = {
    "id": phrases(
        "Januari|Februari|Maret|April|Mei|Juni|Juli|Agustus|September|Oktober|November|Desember"
    ),
    "my": phrases(
        "Januari|Februari|Mac|April|Mei|Jun|Julai|Ogos|September|Oktober|November|Disember"
    ),
    "en": phrases(
        "January|February|March|April|May|June|July|August|September|October|November|December"
    ),
}

SHORT_MONTHS = {
    "id": phrases("Jan|Feb|Mar|Apr|Mei|Jun|Jul|Agu|Sep|Okt|Nov|Des"),
    "my": phrases("Jan|Feb|Mac|Apr|Mei|Jun|Jul|Ogo|Sep|Okt|Nov|Dis"),
    "en": phrases("Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec"),
}
