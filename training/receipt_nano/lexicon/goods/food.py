"""What is eaten and drunk, and what else a market sells."""

from ..phrases import phrases

MARKET = (
    (
        "GROCERIES",
        {
            "id": phrases(
                "Gula Pasir|Tepung Terigu|Kecap Manis|Saus Sambal|Mi Instan|Susu UHT|Kopi Bubuk|"
                "Teh Celup|Biskuit|Keripik Singkong|Garam Dapur|Kacang Tanah|Bawang Merah|"
                "Bawang Putih|Cabai Rawit|Tomat|Wortel|Kentang|Kangkung|Bayam|Jeruk|Apel Fuji|"
                "Pisang|Semangka|Daging Sapi|Ayam Potong|Ikan Lele|Udang|Tahu|Tempe|Sarden|"
                "Margarin|Roti Tawar|Wafer|Permen|Sirup|Santan|Kerupuk Udang|Air Galon|Beras Merah|"
                "Sosis|Nugget|Es Krim"
            ),
            "my": phrases(
                "Beras Wangi|Gula Perang|Tepung Gandum|Kicap Manis|Sos Cili|Mee Segera|Susu Pekat|"
                "Kopi Kacip|Teh Uncang|Biskut Kering|Garam Halus|Ikan Bilis|Bawang Besar|"
                "Cili Kering|Kentang|Sayur Sawi|Limau|Tembikai|Ayam Segar|Telur Gred A|Sardin|"
                "Marjerin|Roti Putih|Serunding|Belacan|Santan Kotak|Minyak Masak|Keropok"
            ),
            "en": phrases(
                "White Rice|Brown Sugar|Wheat Flour|Soy Sauce|Chili Sauce|Instant Noodle|"
                "Fresh Milk|Ground Coffee|Tea Bags|Cream Crackers|Potato Chips|Sea Salt|"
                "Peanut Butter|Red Onion|Garlic|Tomato|Carrot|Potato|Spinach|Orange|Red Apple|"
                "Banana|Watermelon|Chicken Breast|Minced Beef|Salmon Fillet|Prawn|Tofu|Sardine|"
                "Margarine|White Bread|Wafer|Candy|Cordial|Coconut Milk|Cereal|Oatmeal|Sausage|"
                "Yogurt|Ice Cream|Cheddar|Butter|Olive Oil|Summer Cup|Drinking Water|Energy Drink|"
                "Corn Flakes|Honey"
            ),
        },
        "grocery",
    ),
    (
        "SHOPPING",
        {
            "id": phrases(
                "Deterjen|Pewangi Pakaian|Sampo|Pasta Gigi|Sikat Gigi|Tisu Wajah|Popok Bayi|"
                "Pembersih Lantai|Obat Nyamuk|Kantong Plastik|Lilin|Korek Gas|Ember|Sapu Ijuk"
            ),
            "my": phrases(
                "Sabun Basuh|Syampu|Ubat Gigi|Tisu Tandas|Beg Plastik|Penyapu|Lampin|"
                "Pencuci Lantai|Mancis|Baldi"
            ),
            "en": phrases(
                "Dishwash Liquid|Shampoo|Toothpaste|Tissue Roll|Laundry Powder|Plastic Bag|Sponge|"
                "Body Lotion|Candle|Battery AA|Trash Bag|Air Freshener"
            ),
        },
        "grocery",
    ),
)

RESTAURANT = (
    (
        "FOOD",
        {
            "id": phrases(
                "Nasi Uduk|Nasi Kuning|Nasi Putih|Mie Rebus|Mie Ayam|Bakso|Soto Betawi|Rawon|"
                "Gado-gado|Pecel Lele|Ayam Geprek|Ayam Penyet|Bebek Goreng|Ikan Gurame|"
                "Cumi Asam Manis|Kepiting Saus|Kwetiau|Bihun|Capcay|Rendang|Gulai|Sop Buntut|"
                "Iga Penyet|Sate Kambing|Tempe Mendoan|Tahu Isi|Pisang Goreng|Es Jeruk|Es Campur|"
                "Es Kelapa|Teh Tawar|Jus Alpukat|Jus Jambu|Kopi Tubruk|Wedang Jahe|Air Mineral|"
                "Lontong Sayur|Martabak|Siomay|Batagor|Sambal Terasi"
            ),
            "my": phrases(
                "Nasi Lemak|Nasi Ayam|Nasi Briyani|Nasi Putih|Mee Kari|Mee Hoon|Kuey Teow|"
                "Roti Canai|Roti Telur|Tosai|Laksa|Asam Pedas|Tom Yam|Sup Tulang|Satay|"
                "Ayam Masak Merah|Ikan Siakap|Sotong Goreng|Kangkung Belacan|Telur Dadar|Teh O|"
                "Teh Tarik|Kopi O|Milo|Sirap Bandung|Air Limau|Cendol|Ais Kacang|Char Siew|"
                "Wantan Mee|Bak Kut Teh|Yong Tau Foo|Hokkien Mee|Roast Chicken Rice|"
                "Braised Pork Rice|Jasmine Green Tea|Barli Suam"
            ),
            "en": phrases(
                "Beef Steak|Chicken Chop|Fish & Chips|Lamb Shank|Pork Ribs|Caesar Salad|"
                "Mushroom Soup|French Fries|Spaghetti|Lasagna|Margherita|Pepperoni Pizza|"
                "Cheeseburger|Hot Dog|Club Sandwich|Fried Rice|Grilled Salmon|Prawn Tempura|Ramen|"
                "Sushi Roll|Chicken Wings|Onion Rings|Garlic Bread|Brownie|Apple Pie|Pancake|"
                "Lemonade|Iced Lemon Tea|Orange Juice|Milkshake|Mineral Water|Soda|Draft Beer|"
                "House Wine|Roasted Duck|Dumplings|Spring Roll|Noodle Soup"
            ),
        },
        "dish",
    ),
)

CAFE = (
    (
        "FOOD",
        {
            "id": phrases(
                "Kopi Susu|Kopi Hitam|Es Kopi|Roti Bakar|Roti Sobek|Donat|Kue Lapis|Bolu|"
                "Pisang Molen|Singkong Keju|Cokelat Panas|Teh Poci|Risol|Kroket|Lumpia|Onde-onde"
            ),
            "my": phrases(
                "Kopi C|Kopi Ais|Roti Bakar Kaya|Kuih Lapis|Karipap|Bun Kacang|Kek Coklat|"
                "Donut Gula|Teh C Peng|Cham|Toast Kaya|Egg Tart"
            ),
            "en": phrases(
                "Americano|Latte|Cappuccino|Mocha|Espresso|Flat White|Cold Brew|Matcha|Chai|"
                "Hot Chocolate|Croissant|Muffin|Scone|Bagel|Cinnamon Roll|Tiramisu|Carrot Cake|"
                "Banana Bread|Cookie|Danish|Baguette|Sourdough|Almond Tart|Bubble Tea|Frappe"
            ),
        },
        "dish",
    ),
)
