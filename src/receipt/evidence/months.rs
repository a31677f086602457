//! The names of the months in the languages of invoices.
//!
//! Source: Unicode CLDR, `calendars/gregorian/months`, wide and abbreviated, in both contexts, as
//! Babel 2.19 carries it, for Bulgarian, Croatian, Czech, Danish, Dutch, English, Estonian, Finnish,
//! French, German, Greek, Hungarian, Indonesian, Italian, Latvian,
//! Lithuanian, Malay, Norwegian, Polish, Portuguese, Romanian, Russian, Slovak, Slovenian, Spanish,
//! Swedish, Turkish, Ukrainian and Vietnamese. In lower case without accents; a name of fewer than
//! three letters is left out. Added are the Austrian names, and what Indonesian and Malay tills print
//! for August.
//! Some names are those of two months in two languages.

/// Fewest letters of a longer name that is cut short.
const LEAST_LETTERS: usize = 4;

/// The names of each month, with a blank between each two.
const NAMES: [&str; 12] = [
    "ene enero gen gennaio ian ianuarie jaanuar jan janeiro janner januara januari january \
     janvaris janvier led leden ledna oca ocak sausio sausis sij sijecanj sijecnja sty styczen \
     stycznia tammikuuta ιαν ιανουαριος ιανουαριου січ січень січня янв январь января яну януари",
    "feb febbraio feber febrero februara februarie februaris february fev fevereiro fevrier \
     helmikuuta lut lutego luty sub subat uno unora vas vasario vasaris veebruar veljaca veljace \
     φεβ φεβρουαριος φεβρουαριου лют лютии лютого фев февраль февраля февруари",
    "bre brezen brezna kov kovas kovo maaliskuuta maart mac mar marca march marcius marco marec \
     maret mars martie marts marzec marzo mrt ozu ozujak ozujka μαρ μαρτιος μαρτιου бер березень \
     березня мар марта",
    "abr abril apr aprila aprile aprilie aprilis aprill avr avril bal balandis balandzio dub \
     duben dubna huhtikuuta kwi kwiecien kwietnia nis nisan tra travanj travnja απρ απριλιος \
     απριλιου апр апрель апреля април квітень квітня",
    "geg geguzes kve kveten kvetna mag maggio mai maijs maio maj maja majus may mayis mayo mei \
     svi svibanj svibnja toukokuuta μαι μαιος μαιου маи мая травень травня",
    "birzelio birzelis cerven cervna cvn cze czerwca czerwiec giu giugno haz haziran iun iunie \
     juin jun juna june junho junijs junio junius juuni kesakuuta lip lipanj lipnja ιουνιος \
     ιουνιου июн июнь июня червень червня юни",
    "cervence cervenec cvc heinakuuta iul iulie juillet jul julai julho julijs julio julius july \
     juuli liepa liepos lip lipca lipiec lug luglio srp srpanj srpnja tem temmuz ιουλιος ιουλιου \
     июл июль июля лип липень липня юли",
    "ago agosto agt agu agustos agustus aout aug augusta augusti augusts augustus augusztus avg \
     avgust elo elokuuta kol kolovoza ogo ogos ogs rugpjucio rugpjutis sie sierpien sierpnia srp \
     srpen srpna αυγ αυγουστος αυγουστου авг августа серпень серпня",
    "eyl eylul rugsejis rugsejo ruj rujan rujna sep september septembra septembre septembrie \
     septembris septiembre set setembro settembre syyskuuta szeptember wrz wrzesien wrzesnia zar \
     zari σεπ σεπτεμβριος σεπτεμβριου вер вересень вересня сентябрь сентября сеп септември",
    "eki ekim lis listopada lokakuuta oct october octobre octombrie octubre okt oktober oktobra \
     oktobris oktoober ott ottobre out outubro paz pazdziernika rij rijen rijna spalio spalis \
     οκτ οκτωβριος οκτωβριου жовтень жовтня окт октомври октябрь октября",
    "kas kasim lapkricio lapkritis lis listopada listopadu marraskuuta noiembrie nov november \
     novembra novembre novembris novembro noviembre stu studeni studenoga νοε νοεμβριος \
     νοεμβριου листопада ное ноември ноябрь ноября",
    "ara aralik dec december decembra decembre decembrie decembris des desember detsember dez \
     dezember dezembro dic dicembre diciembre dis disember gru grudnia grudzien gruodis gruodzio \
     joulukuuta pro prosinac prosinca prosince prosinec δεκ δεκεμβριος δεκεμβριου грудень грудня \
     дек декабрь декабря декември",
];

/// Returns the months, counted from 1, that `word` names: in full or cut short. It is in lower case
/// without accents.
pub fn months_of(word: &str) -> impl Iterator<Item = u32> + '_ {
    let is_cut = word.chars().count() >= LEAST_LETTERS;
    let months = (1..).zip(NAMES).filter(move |(_, names)| {
        names
            .split(' ')
            .any(|name| name == word || (is_cut && name.starts_with(word)))
    });
    months.map(|(month, _)| month)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stand_for_their_months() {
        for (word, month) in [
            ("mar", 3),
            ("maart", 3),
            ("marz", 3),
            ("mei", 5),
            ("ogos", 8),
            ("agustus", 8),
            ("sept", 9),
            ("octob", 10),
            ("pazdziernika", 10),
            ("subat", 2),
            ("unora", 2),
            ("des", 12),
        ] {
            assert_eq!(months_of(word).collect::<Vec<_>>(), [month], "{word}");
        }
        assert_eq!(months_of("listopad").collect::<Vec<_>>(), [10, 11]);
        assert_eq!(months_of("ma").count() + months_of("total").count(), 0);
    }
}
