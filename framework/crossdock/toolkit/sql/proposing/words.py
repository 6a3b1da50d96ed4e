"""The words that databases name their tables and columns with, by what they mean, in five languages and in short forms.

A word may mean several things (`stock`: what is sold, and how much of it there is); what else stands in the name
decides. Words are plain small letters, as `names.py` cuts them.
"""

CONCEPTS: dict[str, str] = {
    # what is sold, and who buys it
    "item": """item items itm product products prod prd article articles sku skus stockitem stkitem stockcode
        goods good part parts merchandise inventory inventories invt invent stock stk icitem invmaster
        material materials mat artikel artikels artikelstamm art ware waren warenstamm produkt produkte
        teil teile sachnummer produit produits articulo articulos producto productos mercancia existencia
        artikelen producten stuk""",
    "customer": """customer customers cust client clients debtor debtors buyer account accounts acct acc cli clt
        kunde kunden kundenstamm debitor debitoren debitorenstamm kd compte comptes tiers acheteur cliente
        clientes deudor deb klant klanten debiteur debiteuren relatie relaties""",
    "party": """partner partners party parties contact contacts company companies organisation organization member
        members user users adresse adressen adr address addresses tercero terceros crm rel business
        shopper""",
    "supplier": """supplier suppliers supp vendor vendors vend creditor creditors purveyor lieferant lieferanten
        kreditor lief fournisseur fournisseurs fourn proveedor proveedores prov leverancier leveranciers
        crediteur""",
    # how it is named
    "code": """code codes cod cde cd kode kuerzel kurzel codigo clave cve""",
    "number": """number no nr num numero nummer numb nbr nro nummern numer""",
    "reference": """reference ref refs referenz referencia referentie ident identifier identifiant kennung""",
    "sku": """sku skus plu""",
    "id": """id ids key pk rowid guid uuid link recid recno autoindex internalid""",
    "name": """name names nam nm naam nom nombre bezeichnung bezeichnungen bez benennung libelle lib intitule
        namen label caption denominacion denom designation desig""",
    "title": """title titel titre titulo headline""",
    "description": """description descriptions descr desc des dsc design beschreibung beschr text kurztext descripcion
        omschrijving omschr designation""",
    "short": """short kurz court corto kort brief small""",
    "long": """long longue full detail detailed details lang langtext langbeschreibung complet complete extended
        ext memo html larga largo ampliada uitgebreid body content web webtext memotext""",
    "note": """note notes remark remarks comment comments bemerkung bemerkungen notiz notizen kommentar remarque
        commentaire observaciones nota notas opmerking opmerkingen memo info zusatztext""",
    # what it is like
    "group": """group groups grp gruppe gruppen groupe grupo groep class classes category categories categ cat
        kategorie kategorien warengruppe wgr categorie categoria family families famille familia familie
        section department dept subfamilia collection collections rubriek artikelgroep productgroup
        itemgroup sortiment""",
    "brand": """brand brands manufacturer maker make mfg mfr marke hersteller marque fabricant marca fabricante
        merk fabrikant label""",
    "type": """type types typ kind art tipo sort soort""",
    "bar": """bar barcode barcodes bars strich barras barra barre streep upc""",
    "ean": """ean ean13 gtin isbn barcode barcodes strichcode codebarre codebarras codebars streepjescode
        eancode gencod gencode codigobarras barkode""",
    "size": """size sizes groesse grosse grose taille talla maat""",
    "colour": """color colour colors colours farbe couleur kleur""",
    "parent": """parent master style model modell modele modelo matrix vater father stammartikel hauptartikel
        configurable moeder""",
    "image": """image images img picture pictures pic photo photos bild bilder foto fotos imagen imagenes
        afbeelding thumbnail""",
    "path": """path url uri link file filename datei fichier archivo bestand""",
    "weight": """weight wgt gewicht poids peso massa mass nettogewicht""",
    "gram": """gram grams gramm gramme grammes gramos gr""",
    "currency": """currency curr cur ccy waehrung wahrung devise moneda valuta divisa""",
    "tag": """tag tags keyword keywords stichwort stichworte schlagwort motcle etiqueta etiquetas""",
    "posting": """posting gl ledger buchung buchungs accounting konto""",
    "main": """main primary default base haupt principal hoofd""",
    "internal": """internal intern interne interno""",
    "unit": """unit uom um measure einheit unite unidad eenheid each""",
    "tax": """tax taxes vat mwst ust tva iva btw duty tariff""",
    "warehouse": """warehouse warehouses whse wh location locations loc depot magazijn almacen entrepot bodega""",
    "method": """method flag control ctrl rule rules policy mode formula""",
    # how much
    "quantity": """quantity quantities qty qnt qte quant menge anzahl quantite cantidad cant aantal hoeveelheid units
        stueck stuck balance""",
    "stock": """stock stk onhand instock hand bestand lagerbestand lager inventory existencia existencias voorraad
        stocks inventario soh qoh balance physical""",
    "free": """free available avail availability verfuegbar verfugbar disponible dispo beschikbaar vrij frei net""",
    "held": """reserved allocated committed commited commit booked reserviert reserve reservado comprometido
        gereserveerd backorder demand onso""",
    "limit": """min max minimum maximum reorder rop level limit threshold mindest melde meldebestand alarm safety
        minimo maximo sicherheit minstock maxstock bestel ordered incoming ordering transit order orders
        onpo po purchase bestellt besteld pending expected sold target last eoq moq pack packaging lot
        multiple""",
    # what it costs
    "price": """price prices prc preis preise prix tarif tarifs precio precios prijs prijzen pvp rrp msrp rate uvp
        vk vkp pv""",
    "sale": """sale sales sell selling sold retail rtl vk verkauf verkaufs vente ven public venta ventas verkoop
        consumer endkunde publico std standard standaard""",
    "list": """list liste lista lijst level stufe tier table catalog advies recommended""",
    "net": """net netto ht excl exclusive excluded ex exc hors""",
    "gross": """gross brutto ttc incl inclusive included inc bruto""",
    "cost": """cost costs kosten cst ek einkauf einkaufs einstand achat compra inkoop purchase purchasing buy
        buying cout coste costo kostprijs kostpreis landed average avg pmp avco dealer fob replacement""",
    "special": """special promo promotion action aktion offer sonder old previous alt ancien anterior last history
        from to discount rabatt remise descuento korting margin markup percent pct date datum group code
        currency break min max minimum surcharge ecotax deposit pfand ctrl flag method type unity change""",
    "trade": """trade wholesale dealer reseller haendler handler grosshandel gros mayorista mayoreo groothandel
        tier level lvl""",
    # state and time
    "active": """active activ aktiv actif activo actief enabled enable isactive live visible published publish
        online valid forsale saleable salable sellable webactive onweb aktief""",
    "inactive": """inactive inaktiv inactif inactivo inactief disabled blocked block gesperrt sperre sperr obsolete
        discontinued discontinue deleted deletion geloescht geloscht supprime borrado baja hidden archived
        sommeil suspendu suspended frozen hold onhold geblokkeerd bloqueado bloque discont cancelled
        closed""",
    "changed": """changed change modified modify mod updated update upd edited lastchange geaendert geandert
        aenderung anderung modif modificacion modificado modification maj gewijzigd wijziging write
        timestamp tstamp ts rowversion lastupdated lastmodified""",
    "time": """date time datetime datum zeit stamp timestamp at on dt fecha hora heure tijd horodatage""",
    # people and places
    "email": """email emails mail mails emailaddress correo courriel eml""",
    "phone": """phone telephone tel tele telefon telefono telefoon fon rufnummer ph telephone1""",
    "mobile": """mobile mobil cell cellphone handy portable movil mobiel gsm""",
    "fax": """fax telefax telecopie""",
    "first": """first given fore firstname forename vorname prenom nombrepila voornaam""",
    "last": """last sur family surname lastname nachname nachnaam familienname apellido apellidos achternaam
        patronyme""",
    "person": """contact person ansprechpartner interlocuteur contacto persona contactpersoon attention attn""",
    "company": """company firm business firma unternehmen societe raison social sociale empresa bedrijf razon legal
        trading""",
    "street": """street str strasse rue calle straat address addr adres adresse direccion domicilio anschrift line
        address1 streetaddress adr""",
    "city": """city town ort stadt ville ciudad poblacion plaats woonplaats localite suburb localidad stad""",
    "zip": """zip zipcode postal postcode postalcode plz postleitzahl cp codepostal codigopostal post postkod""",
    "province": """province state region bundesland departement provincia county provincie""",
    "country": """country land pays pais nation""",
    "terms": """terms term payment zahlung paiement pago betaling delivery shipping ship versand livraison
        lieferung envio levering invoice bill rechnung facture factura faktuur bank tax vat iban bic
        credit ust language sprache""",
    # what a table is not
    "line": """line lines detail details item position positionen pos zeile zeilen ligne lignes linea lineas
        regel regels entry entries row rows""",
    "document": """order orders invoice invoices bill quote quotation sale sales purchase purchases transaction
        transactions trans movement movements move moves document documents receipt shipment delivery
        payment payments journal ledger gl auftrag auftraege rechnung rechnungen beleg belege bestellung
        lieferschein bewegung bewegungen commande commandes facture factures mouvement mouvements vente
        ventes pedido pedidos factura facturas venta ventas movimiento albaran bestelling bestellingen
        factuur facturen mutatie mutaties cart basket work job""",
    "aside": """history hist log logs audit archive backup bak tmp temp old import export staging stage queue xref
        map mapping link relation rel translation trans translations lang language locale image images
        picture file files attachment attribute attributes option options tag tags setting settings config
        user users role roles permission permissions session sessions migration migrations review reviews
        rating comment comments count stat stats report tax taxes unit units price prices discount
        supplier vendor serial lot batch bom component components note notes pricelist warehouse location
        locations bin""",
}
"""Concept to words."""


def concepts_of(word: str) -> frozenset[str]:
    """Gives what a word may mean, nothing for one that is not known."""
    return WORDS.get(word, frozenset())


def _by_word() -> dict[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for concept, words in CONCEPTS.items():
        for word in words.split():
            found[word] = found.get(word, frozenset()) | {concept}
    return found


WORDS = _by_word()
"""Word to concepts."""
