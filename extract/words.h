/* words.h - what a word in a class, an id or a short line says about the block it stands on.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Sites name their boxes for their own staff: "post-content", "sidebar", "related-items", "fuss",
 * "comentarios". A row is a topic and the words for it in the languages of the crawl's larger
 * shares. Class names are cut at everything that is no letter and at aB; a word that is in no row
 * is tried by its beginning and its end ("articlebody": article, body).
 */
#ifndef EXTRACT_WORDS_H
#define EXTRACT_WORDS_H
#include "core/str.h"

#define BOX_TOPICS(X) \
    X(CONTENT, "content contents inhalt contenu contenido contenuto conteudo text texte texto testo body corps cuerpo corpo entry copy richtext rte wysiwyg prose markdown description desc story bericht fulltext longform innehall tresc") \
    X(ARTICLE, "article articles artikel articulo articolo artigo post posts beitrag noticia noticias blog blogpost hentry single newsarticle storybody articlebody entrycontent postcontent publication report paper recipe rezept") \
    X(MAIN, "main primary haupt principal center centre mitte page pagecontent maincontent") \
    X(NAV, "nav navi navigation navbar navigationlink subnav topnav menu menus menubar submenu megamenu hamburger drawer dropdown breadcrumb breadcrumbs crumb crumbs toolbar sitemap skip jump offcanvas tabs tab tablist") \
    X(FOOTER, "footer foot foots colophon fuss fusszeile pie piepagina contentinfo bottom subfooter legal imprint impressum copyright copyrights disclaimer") \
    X(HEADER, "header head masthead kopf kopfzeile banner top topbar branding logo entete cabecera") \
    X(SIDEBAR, "sidebar side aside seitenleiste rail rightcol leftcol complementary widget widgets secondary tertiary marginalia barra lateral") \
    X(RELATED, "related relacionadas relacionados similar recommend recommended recommendation recommendations recommendable more mehr also further weitere verwandt popular trending trend latest recent neueste suggested suggestions readmore morefrom next previous prev teaser teasers promo outbrain taboola discover upsell crosssell youmay carousel slider swiper slick mostread meistgelesen upnext") \
    X(COMMENT, "comment comments kommentar kommentare comentario comentarios commentaire commentaires commento commenti commentlist disqus respond reply replies discussion talkback livefyre guestbook") \
    X(SHARE, "share sharing shares social socials addthis sharethis addtoany facebook twitter whatsapp pinterest linkedin instagram teilen partage compartir condividi follow sociallinks") \
    X(AD, "ad ads advert adverts advertisement advertising adsense adslot adsbygoogle banner anzeige anzeigen werbung publicidad pubblicita publicite sponsor sponsored sponsors affiliate dfp gpt promoted promotion promotions commercial") \
    X(COOKIE, "cookie cookies consent gdpr cmp onetrust cookiebar cookiebanner cookienotice privacy ccpa didomi usercentrics") \
    X(SIGNUP, "newsletter newsletters subscribe subscription subscribing signup mailing mailchimp optin register registration abo abonnement paywall login signin logon account popup modal overlay lightbox dialog cta calltoaction leadform") \
    X(META, "meta metadata byline author authors autor auteur autore bio date datum fecha time timestamp published posted postmeta entrymeta info infos details credit credits source kicker eyebrow readtime") \
    X(TAGS, "tag tags tagcloud keyword keywords category categories kategorie kategorien categorias label labels topic topics badge chips chip taxonomy") \
    X(PAGER, "pagination pager paging pagenav pages paginator pagenavi navlinks loadmore") \
    X(SEARCH, "search searchform searchbox suche buscar recherche ricerca busca filter filters facet facets sort sorting refine") \
    X(CAPTION, "caption captions figcaption figure image images img photo photos bild bilder bildunterschrift legende gallery galerie media video videos player thumbnail thumb picture wpcaption credit") \
    X(REVIEW, "review reviews rating ratings bewertung bewertungen star stars testimonial testimonials feedback score vote votes avis") \
    X(PRODUCT, "product products produkt produkte producto productos item items price prices preis preise precio cart basket warenkorb checkout sku shop store buy add addtocart quantity qty variant variants swatch wishlist shipping stock spec specs specification specifications features feature") \
    X(FORUM, "forum forums thread threads topic topics message messages postbody posttext postcontent messagebody messagecontent answer answers question questions reply bbcode bbp phpbb vbulletin xenforo thema quote quotes blockquote cooked") \
    X(SIGNATURE, "signature sig userinfo user username users profile profiles avatar member members poster postprofile userdetails karma rank joined membership") \
    X(TOC, "toc tableofcontents inhaltsverzeichnis outline contentslist index anchors onthispage") \
    X(HIDDEN, "hidden hide invisible sr screenreader readers visuallyhidden offscreen collapsed accessibility a11y noscript nojs noprint print tooltip popover placeholder skeleton loading") \
    X(BUTTON, "button buttons btn btns link links action actions control controls icon icons toggle") \
    X(CARD, "card cards tile tiles grid list listing listings item items box boxes row rows column columns col cell teaser panel result results collection archive loop feed stream") \
    X(HERO, "hero jumbotron intro introduction lead lede vorspann teasertext standfirst dek subtitle subhead excerpt summary abstract preface anriss chapeau entradilla sommaire") \
    X(TITLE, "title titles titel titulo titre titolo headline heading heading headlines hed ueberschrift uberschrift") \
    X(CODE, "code highlight syntax prettyprint codeblock snippet hljs pre sourcecode console terminal") \
    X(DOC, "doc docs document documentation manual reference api guide docbody rst sphinx mdbook docusaurus section sect chapter faq faqs accordion question help") \
    X(EVENT, "event events calendar veranstaltung termine schedule agenda map maps location locations address contact kontakt contacto phone tel email hours opening") \
    X(LANGUAGE, "language languages lang langs locale locales region country currency translation sprache idioma langue") \
    X(NOSCRIPT, "crawler nojavascript") \
    X(FORM, "form forms formular input inputs field fields fieldset submit textarea checkbox select option options dropdown selector")

#define LINE_TOPICS(X) \
    X(L_COOKIE, "cookie cookies consent gdpr tracking preferences accept privacy datenschutz privacidad confidentialité") \
    X(L_LEGAL, "copyright © reserved rights terms conditions policy imprint impressum agb disclaimer legal trademark trademarks derechos reservados droits réservés rechte vorbehalten") \
    X(L_SHARE, "share tweet facebook twitter whatsapp pinterest linkedin instagram youtube telegram email print teilen drucken compartir partager imprimer condividi follow folgen síguenos") \
    X(L_SIGNUP, "subscribe newsletter signup sign login log register anmelden registrieren abonnieren einloggen suscríbete suscribirse inscription connexion account password email unsubscribe membership subscriber free trial demo") \
    X(L_COMMENT, "comment comments reply replies kommentar kommentare kommentieren antworten comentario comentarios responder commentaire commentaires répondre commenti rispondi said says wrote schrieb logged post") \
    X(L_RELATED, "related recommended similar popular trending latest recent more mehr read also weitere weiterlesen lesen ähnliche verwandte relacionadas relacionados noticias leer más lire aussi articles artikel leggi anche previous next vorheriger nächster anterior siguiente stories posts latest") \
    X(L_META, "by von por par posted published updated veröffentlicht aktualisiert publicado publié min minutes read author autor written januar february march april juni july august september october november december jan feb mar apr jun jul aug sep oct nov dec monday tuesday wednesday thursday friday saturday sunday uhr ago filed tagged tags categories category kategorie") \
    X(L_NAV, "home menu search contact about skip toggle navigation close open back startseite suche kontakt inicio accueil recherche cerca contacto careers jobs sitemap faq help support blog news press products services company menü top hauptmenü schließen") \
    X(L_AD, "advertisement anzeige werbung publicidad publicité sponsored ad ads affiliate commission sponsor promoted pubblicità disclosure advertise") \
    X(L_SHOP, "cart add buy shop price sale shipping checkout wishlist quantity stock warenkorb kaufen preis order delivery returns sold review reviews rating stars € $ £ usd eur") \
    X(L_USER, "member joined posts messages location likes reputation views replies online offline registered user rank points votes answered asked edited score moderator quote report") \
    X(L_STOP, "the of and to in a is that for it with as was on be by this are or from at an have you we not but they i der die und das den von zu mit ist im für auf ein eine nicht dem des sich auch es sie als an de la le les et des en un une que el los las del y por con para il di che e per non o do da em não um uma os as se su lo al más est pas dans qui sur ce het een van niet w z na nie się jest i er til av og för på är som att det en och med") \
    X(L_CONTACT, "phone tel fax address street email mail kontakt call hours monday visit office location avenue suite directions map")

enum box_topic {
#define X(name, words) BOX_##name,
    BOX_TOPICS(X)
#undef X
    BOX_TOPIC_COUNT
};
enum line_topic {
#define X(name, words) name,
    LINE_TOPICS(X)
#undef X
    LINE_TOPIC_COUNT
};

/* What tools/train-boiler learned of words: how those of text, and those of class, id and role names, speak for
 * content: log odds in units of 1 / LEXICON_UNIT, by hash. */
enum { TEXT_BITS = 14, NAME_BITS = 13, LEXICON_UNIT = 32 };
struct lexicon { signed char text[1 << TEXT_BITS], name[1 << NAME_BITS]; };

static inline uint32_t words_slot(uint64_t hash, int bits)
{
    return (uint32_t)(hash * 0x9E3779B97F4A7C15u >> (64 - bits));
}

/* FNV-1a of a word in lower case. */
static const uint64_t WORDS_START = 0xCBF29CE484222325u;
static inline uint64_t words_step(uint64_t h, char lower) { return (h ^ (unsigned char)lower) * 0x100000001B3u; }
/* The set of topics of a word, by its hash: 1 << L_... */
uint32_t words_line(uint64_t hash);

/* What text is cut at: letters are a to z and all that is not ASCII. A letter or digit in lower case, 0 for anything
 * else; digits come before letters. */
extern const unsigned char words_fold[256];
/* A word's mark is made of the hashes of its parts, which are of letters or of digits: what title, descriptions and
 * blocks are compared by. */
static inline uint64_t words_mark(uint64_t mark, uint64_t part) { return (mark ^ part) * 0x9E3779B97F4A7C15u + 1; }
/* The marks of the words of s to `to` (room for s.n / 2 + 1); how many. */
size_t words_marks(struct str s, uint64_t *to);

/* The words of a class, id, role or itemprop attribute: their topics, 1 << BOX_..., and their slots in lexicon.name. */
struct names { uint64_t topics; int n; uint16_t slot[64]; };
void words_names(struct str value, struct names *add_to);

/* Made by tools/word-tables: open addressing by FNV-1a, of which topic_hash has the low half (0: empty, ends a run).
 * The bitmaps say how long words may be that begin, or end, with four letters: most words that hold no known one are
 * seen by that. */
struct topic_word { uint64_t hash, box; uint32_t line; };
enum { TOPIC_SLOTS = 4096, PART_BITS = 14 };
extern const struct topic_word topic_words[TOPIC_SLOTS];
extern const uint32_t topic_hash[TOPIC_SLOTS];
extern const uint64_t topic_starts[1 << PART_BITS >> 6], topic_ends[1 << PART_BITS >> 6];

#endif
