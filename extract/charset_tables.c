/* charset_tables.c - indexes from iconv, and where iconv differs.
 * SPDX-License-Identifier: Apache-2.0 */
#include "extract/charset_tables.h"

#include <iconv.h>
#include <pthread.h>
#include <stdlib.h>

/* ---- where glibc's BIG5-HKSCS is not the standard's Big5; and the ranges of four-byte GB18030 ---- */

static const uint16_t big5_fixes[][2] = {
    {2082,0x7BB8}, {2088,0x7C06}, {2103,0x7CCE}, {2114,0x7DD2}, {2123,0x7E1D}, {2148,0x8005}, {2151,0x8028},
    {2221,0x83C1}, {2239,0x84A8}, {2244,0x840F}, {2303,0x89A6}, {2304,0x89A9}, {2354,0x8D77}, {2400,0x90FD},
    {2413,0x92B9}, {2477,0x975C}, {2498,0x97FF}, {2605,0x9F16}, {2673,0x8503}, {2746,0x5159}, {2747,0x515B},
    {2748,0x515D}, {2749,0x515E}, {2771,0x936E}, {2780,0x7479}, {2990,0x6D67}, {3087,0x799B}, {3259,0x9097},
    {3301,0x975D}, {3436,0x701E}, {3451,0x5B28}, {4136,0x7201}, {4138,0x77D7}, {4141,0x7E87}, {4182,0x99D6},
    {4206,0x91D4}, {4220,0x60DE}, {4230,0x6FB6}, {4241,0x8F36}, {4258,0x4FBB}, {4273,0x71DF}, {4279,0x9104},
    {4282,0x9DF0}, {4294,0x83CF}, {4329,0x5C10}, {4330,0x79E3}, {4349,0x5A67}, {4419,0x8F0B}, {4422,0x7B51},
    {4494,0x62D0}, {4624,0x6062}, {4694,0x75F9}, {4708,0x6C4A}, {4742,0x9B2E}, {4748,0x9F17}, {4815,0x50ED},
    {4828,0x5F0C}, {4902,0x880F}, {4922,0x62CE}, {4982,0x7468}, {4992,0x7162}, {4997,0x7250}, {5029,0x2027},
    {5038,0xFE51}, {5050,0x2574}, {5120,0x00AF}, {5121,0xFFE3}, {5123,0x02CD}, {5153,0xFF5E}, {5168,0x2295},
    {5169,0x2299}, {5180,0xFF0F}, {5181,0xFF3C}, {5182,0x2215}, {5183,0xFE68}, {5185,0xFFE5}, {5187,0xFFE0},
    {5188,0xFFE1}, {5287,0x5341}, {5289,0x5345}, {5432,0x2400}, {5433,0x2401}, {5434,0x2402}, {5435,0x2403},
    {5436,0x2404}, {5437,0x2405}, {5438,0x2406}, {5439,0x2407}, {5440,0x2408}, {5441,0x2409}, {5442,0x240A},
    {5443,0x240B}, {5444,0x240C}, {5445,0x240D}, {5446,0x240E}, {5447,0x240F}, {5448,0x2410}, {5449,0x2411},
    {5450,0x2412}, {5451,0x2413}, {5452,0x2414}, {5453,0x2415}, {5454,0x2416}, {5455,0x2417}, {5456,0x2418},
    {5457,0x2419}, {5458,0x241A}, {5459,0x241B}, {5460,0x241C}, {5461,0x241D}, {5462,0x241E}, {5463,0x241F},
    {5464,0x2421}, {5465,0x20AC}, {10942,0x5EF4}, {10946,0x65E0}, {10948,0x7676}, {10950,0x96B6}, {10957,0x3003},
    {10958,0x4EDD}, {19028,0x5029}, {19035,0x507D}, {19088,0x5305}, {19096,0x5344}, {19112,0x537F}, {19162,0x5605},
    {19240,0x5A77}, {19299,0x5E75}, {19305,0x5ED0}, {19326,0x5F58}, {19355,0x60A4}, {19398,0x6490}, {19439,0x6674},
    {19454,0x675E}, {19553,0x6C9C}, {19554,0x6E1D}, {19557,0x6E2F}, {19611,0x716E}, {19643,0x732A}, {19672,0x745C},
    {19697,0x74E9}, {19748,0x7809},
};
const uint32_t gb18030_ranges[GB18030_RANGES][2] = {
    {0,0x0080}, {36,0x00A5}, {38,0x00A9}, {45,0x00B2}, {50,0x00B8}, {81,0x00D8}, {89,0x00E2}, {95,0x00EB},
    {96,0x00EE}, {100,0x00F4}, {103,0x00F8}, {104,0x00FB}, {105,0x00FD}, {109,0x0102}, {126,0x0114}, {133,0x011C},
    {148,0x012C}, {172,0x0145}, {175,0x0149}, {179,0x014E}, {208,0x016C}, {306,0x01CF}, {307,0x01D1}, {308,0x01D3},
    {309,0x01D5}, {310,0x01D7}, {311,0x01D9}, {312,0x01DB}, {313,0x01DD}, {341,0x01FA}, {428,0x0252}, {443,0x0262},
    {544,0x02C8}, {545,0x02CC}, {558,0x02DA}, {741,0x03A2}, {742,0x03AA}, {749,0x03C2}, {750,0x03CA}, {805,0x0402},
    {819,0x0450}, {820,0x0452}, {7922,0x2011}, {7924,0x2017}, {7925,0x201A}, {7927,0x201E}, {7934,0x2027},
    {7943,0x2031}, {7944,0x2034}, {7945,0x2036}, {7950,0x203C}, {8062,0x20AD}, {8148,0x2104}, {8149,0x2106},
    {8152,0x210A}, {8164,0x2117}, {8174,0x2122}, {8236,0x216C}, {8240,0x217A}, {8262,0x2194}, {8264,0x219A},
    {8374,0x2209}, {8380,0x2210}, {8381,0x2212}, {8384,0x2216}, {8388,0x221B}, {8390,0x2221}, {8392,0x2224},
    {8393,0x2226}, {8394,0x222C}, {8396,0x222F}, {8401,0x2238}, {8406,0x223E}, {8416,0x2249}, {8419,0x224D},
    {8424,0x2253}, {8437,0x2262}, {8439,0x2268}, {8445,0x2270}, {8482,0x2296}, {8485,0x229A}, {8496,0x22A6},
    {8521,0x22C0}, {8603,0x2313}, {8936,0x246A}, {8946,0x249C}, {9046,0x254C}, {9050,0x2574}, {9063,0x2590},
    {9066,0x2596}, {9076,0x25A2}, {9092,0x25B4}, {9100,0x25BE}, {9108,0x25C8}, {9111,0x25CC}, {9113,0x25D0},
    {9131,0x25E6}, {9162,0x2607}, {9164,0x260A}, {9218,0x2641}, {9219,0x2643}, {11329,0x2E82}, {11331,0x2E85},
    {11334,0x2E89}, {11336,0x2E8D}, {11346,0x2E98}, {11361,0x2EA8}, {11363,0x2EAB}, {11366,0x2EAF}, {11370,0x2EB4},
    {11372,0x2EB8}, {11375,0x2EBC}, {11389,0x2ECB}, {11682,0x2FFC}, {11686,0x3004}, {11687,0x3018}, {11692,0x301F},
    {11694,0x302A}, {11714,0x303F}, {11716,0x3094}, {11723,0x309F}, {11725,0x30F7}, {11730,0x30FF}, {11736,0x312A},
    {11982,0x322A}, {11989,0x3232}, {12102,0x32A4}, {12336,0x3390}, {12348,0x339F}, {12350,0x33A2}, {12384,0x33C5},
    {12393,0x33CF}, {12395,0x33D3}, {12397,0x33D6}, {12510,0x3448}, {12553,0x3474}, {12851,0x359F}, {12962,0x360F},
    {12973,0x361B}, {13738,0x3919}, {13823,0x396F}, {13919,0x39D1}, {13933,0x39E0}, {14080,0x3A74}, {14298,0x3B4F},
    {14585,0x3C6F}, {14698,0x3CE1}, {15583,0x4057}, {15847,0x4160}, {16318,0x4338}, {16434,0x43AD}, {16438,0x43B2},
    {16481,0x43DE}, {16729,0x44D7}, {17102,0x464D}, {17122,0x4662}, {17315,0x4724}, {17320,0x472A}, {17402,0x477D},
    {17418,0x478E}, {17859,0x4948}, {17909,0x497B}, {17911,0x497E}, {17915,0x4984}, {17916,0x4987}, {17936,0x499C},
    {17939,0x49A0}, {17961,0x49B8}, {18664,0x4C78}, {18703,0x4CA4}, {18814,0x4D1A}, {18962,0x4DAF}, {19043,0x9FA6},
    {33469,0xE76C}, {33470,0xE7C8}, {33471,0xE7E7}, {33484,0xE815}, {33485,0xE819}, {33490,0xE81F}, {33497,0xE827},
    {33501,0xE82D}, {33505,0xE833}, {33513,0xE83C}, {33520,0xE844}, {33536,0xE856}, {33550,0xE865}, {37845,0xF92D},
    {37921,0xF97A}, {37948,0xF996}, {38029,0xF9E8}, {38038,0xF9F2}, {38064,0xFA10}, {38065,0xFA12}, {38066,0xFA15},
    {38069,0xFA19}, {38075,0xFA22}, {38076,0xFA25}, {38078,0xFA2A}, {39108,0xFE32}, {39109,0xFE45}, {39113,0xFE53},
    {39114,0xFE58}, {39115,0xFE67}, {39116,0xFE6C}, {39265,0xFF5F}, {39394,0xFFE6}, {189000,0x10000},
};

/* ---- pointers as bytes; 0 where a pointer has none in iconv's encoding ---- */

static size_t big5_bytes(size_t p, char *to)
{
    size_t trail = p % 157;
    to[0] = (char)(p / 157 + 0x81);
    to[1] = (char)(trail + (trail < 0x3F ? 0x40 : 0x62));
    return 2;
}

static size_t euc_kr_bytes(size_t p, char *to)
{
    to[0] = (char)(p / 190 + 0x81);
    to[1] = (char)(p % 190 + 0x41);
    return 2;
}

static size_t gb18030_bytes(size_t p, char *to)
{
    size_t trail = p % 190;
    to[0] = (char)(p / 190 + 0x81);
    to[1] = (char)(trail + (trail < 0x3F ? 0x40 : 0x41));
    return 2;
}

enum { EUDC_BEGIN = 8836, EUDC_END = 10716 };        /* CP932 has private characters here; the standard's decoder makes them itself */

static size_t jis0208_bytes(size_t p, char *to)
{
    size_t lead = p / 188, trail = p % 188;
    if (p >= EUDC_BEGIN && p < EUDC_END) return 0;
    to[0] = (char)(lead + (lead < 0x1F ? 0x81 : 0xC1));
    to[1] = (char)(trail + (trail < 0x3F ? 0x40 : 0x41));
    return 2;
}

static size_t jis0212_bytes(size_t p, char *to)
{
    to[0] = (char)0x8F;
    to[1] = (char)(p / 94 + 0xA1);
    to[2] = (char)(p % 94 + 0xA1);
    return 3;
}

static size_t single_bytes(size_t p, char *to)
{
    *to = (char)(p + 0x80);
    return 1;
}

/* ---- asking iconv ---- */

static uint32_t ask(iconv_t cd, char *in, size_t n)
{
    uint32_t out[4];
    char *to = (char *)out;
    size_t left = n, room = sizeof out;
    iconv(cd, NULL, NULL, NULL, NULL);
    if (!n || iconv(cd, &in, &left, &to, &room) == (size_t)-1 || left) return 0;
    iconv(cd, NULL, NULL, &to, &room);
    return sizeof out - room == 4 ? out[0] : 0;      /* some bytes are two characters in iconv: not here */
}

static void fill(uint32_t *table, size_t n, const char *name, size_t (*bytes)(size_t, char *))
{
    iconv_t cd = iconv_open(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? "UTF-32LE" : "UTF-32BE", name);
    if (cd == (iconv_t)-1) return;
    char in[4];
    for (size_t p = 0; p < n; p++) table[p] = ask(cd, in, bytes(p, in));
    iconv_close(cd);
}

/* ---- the indexes ---- */

static uint32_t big5[BIG5_SIZE], euc_kr[EUC_KR_SIZE], gb18030[GB18030_SIZE], jis0208[JIS0208_SIZE], jis0212[JIS0212_SIZE];
static uint32_t single[CHARSETS][128];

static void make_big5(void)
{
    fill(big5, BIG5_SIZE, "BIG5-HKSCS", big5_bytes);
    for (size_t i = 0; i < sizeof big5_fixes / sizeof *big5_fixes; i++) big5[big5_fixes[i][0]] = big5_fixes[i][1];
}

static void make_euc_kr(void) { fill(euc_kr, EUC_KR_SIZE, "UHC", euc_kr_bytes); }

static void make_gb18030(void)
{
    static const uint32_t fixes[][2] = { { 6555, 0x3000 }, { 23767, 0xE816 }, { 23768, 0xE817 }, { 23769, 0xE818 },
                                         { 23794, 0xE831 }, { 23804, 0xE83B }, { 23830, 0xE855 } };
    fill(gb18030, GB18030_SIZE, "GB18030", gb18030_bytes);
    for (size_t i = 0; i < sizeof fixes / sizeof *fixes; i++) gb18030[fixes[i][0]] = fixes[i][1];
}

static void make_jis0208(void) { fill(jis0208, JIS0208_SIZE, "CP932", jis0208_bytes); }
static void make_jis0212(void) { fill(jis0212, JIS0212_SIZE, "EUC-JP", jis0212_bytes); }

/* Bytes 80 to 9F that no one assigned are control characters in windows encodings. */
static void make_singles(void)
{
    static const struct { enum charset c; int byte; uint32_t is; } fixes[] = {
        { CS_KOI8_U, 0xAE, 0x45E }, { CS_KOI8_U, 0xBE, 0x40E }, { CS_MACINTOSH, 0xC6, 0x2206 }, { CS_MACINTOSH, 0xF0, 0xF8FF },
        { CS_WINDOWS_1255, 0xCA, 0x5BA }, { CS_X_MAC_CYRILLIC, 0xFF, 0x20AC },
    };
    for (int c = CS_IBM866; c <= CS_X_MAC_CYRILLIC; c++) {
        const char *name = c == CS_ISO_8859_8_I ? "ISO-8859-8" : c == CS_X_MAC_CYRILLIC ? "MAC-CYRILLIC" : charset_name((enum charset)c);
        fill(single[c], 128, name, single_bytes);
        for (uint32_t i = 0; i < 32; i++) if (!single[c][i]) single[c][i] = i + 0x80;
    }
    for (size_t i = 0; i < sizeof fixes / sizeof *fixes; i++) single[fixes[i].c][fixes[i].byte - 0x80] = fixes[i].is;
}

const uint32_t *charset_index(enum charset_index i)
{
    static pthread_once_t once[INDEXES] = { PTHREAD_ONCE_INIT, PTHREAD_ONCE_INIT, PTHREAD_ONCE_INIT, PTHREAD_ONCE_INIT, PTHREAD_ONCE_INIT };
    static const struct { uint32_t *table; void (*make)(void); } all[INDEXES] = {
        { big5, make_big5 }, { euc_kr, make_euc_kr }, { gb18030, make_gb18030 }, { jis0208, make_jis0208 }, { jis0212, make_jis0212 },
    };
    pthread_once(&once[i], all[i].make);
    return all[i].table;
}

const uint32_t *charset_single(enum charset c)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, make_singles);
    return single[c];
}
