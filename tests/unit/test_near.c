/* test_near.c - the name that was meant.
 * SPDX-License-Identifier: Apache-2.0 */
#include "tests/test.h"
#include "core/near.h"

static const char *meant(const char *word)
{
    static const char *const names[] = { "lang", "mix", "extract", "tokenizer train",
                                         "a name that is longer than the forty letters it may have" };
    struct near n = { .word = str_of(word) };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) near_try(&n, names[i]);
    return n.name ? n.name : "";
}

TEST(a_letter_wrong_missing_in_excess_or_swapped_is_one_mistake)
{
    STR_EQ(str_of(meant("lamg")), S("lang"));
    STR_EQ(str_of(meant("lng")), S("lang"));
    STR_EQ(str_of(meant("langg")), S("lang"));
    STR_EQ(str_of(meant("lnag")), S("lang"));
    STR_EQ(str_of(meant("extarct")), S("extract"));
}

TEST(what_is_far_from_all_is_none_of_them)
{
    STR_EQ(str_of(meant("")), S(""));
    STR_EQ(str_of(meant("nothing")), S(""));
    STR_EQ(str_of(meant("gnal")), S(""));
    STR_EQ(str_of(meant("a name that is longer than the forty letters it may hav")), S(""));
}

TEST(the_nearest_wins_the_first_of_equals)
{
    struct near n = { .word = S("rule") };
    near_try(&n, "role");
    near_try(&n, "rules");
    near_try(&n, "rule");
    STR_EQ(str_of(n.name), S("rule"));
    struct near m = { .word = S("rule") };
    near_try(&m, "role");
    near_try(&m, "rules");
    STR_EQ(str_of(m.name), S("role"));
}

MAIN
