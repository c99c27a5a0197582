import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { editionsOfGroup, listEditions } from "../languages/editions.ts";
import {
  groupOfLabel,
  groupsNamed,
  knownLabels,
  LABEL_COLUMNS,
  LABEL_SCHEMES,
  type LabelScheme,
  labelsOfGroup,
  OTHER,
  otherGroups,
  parseLabels,
} from "../languages/lid-labels.ts";

/** The labels of fastText's lid.176, as its model file holds them. */
const LID_176 = `
  af als am an ar arz as ast av az azb ba bar bcl be bg bh bn bo bpy br bs bxr ca cbk ce ceb ckb co cs cv cy da
  de diq dsb dty dv el eml en eo es et eu fa fi fr frr fy ga gd gl gn gom gu gv he hi hif hr hsb ht hu hy ia id
  ie ilo io is it ja jbo jv ka kk km kn ko krc ku kv kw ky la lb lez li lmo lo lrc lt lv mai mg mhr min mk ml
  mn mr mrj ms mt mwl my myv mzn nah nap nds ne new nl nn no oc or os pa pam pfl pl pms pnb ps pt qu rm ro ru
  rue sa sah sc scn sco sd sh si sk sl so sq sr su sv sw ta te tg th tk tl tr tt tyv ug uk ur uz vec vep vi vls
  vo wa war wuu xal xmf yi yo yue zh
`;

/** The labels of FLORES-200, as its own table lists them. */
const FLORES_200 = `
  ace_Arab ace_Latn acm_Arab acq_Arab aeb_Arab afr_Latn ajp_Arab aka_Latn amh_Ethi apc_Arab arb_Arab arb_Latn
  ars_Arab ary_Arab arz_Arab asm_Beng ast_Latn awa_Deva ayr_Latn azb_Arab azj_Latn bak_Cyrl bam_Latn ban_Latn
  bel_Cyrl bem_Latn ben_Beng bho_Deva bjn_Arab bjn_Latn bod_Tibt bos_Latn bug_Latn bul_Cyrl cat_Latn ceb_Latn
  ces_Latn cjk_Latn ckb_Arab crh_Latn cym_Latn dan_Latn deu_Latn dik_Latn dyu_Latn dzo_Tibt ell_Grek eng_Latn
  epo_Latn est_Latn eus_Latn ewe_Latn fao_Latn fij_Latn fin_Latn fon_Latn fra_Latn fur_Latn fuv_Latn gla_Latn
  gle_Latn glg_Latn grn_Latn guj_Gujr hat_Latn hau_Latn heb_Hebr hin_Deva hne_Deva hrv_Latn hun_Latn hye_Armn
  ibo_Latn ilo_Latn ind_Latn isl_Latn ita_Latn jav_Latn jpn_Jpan kab_Latn kac_Latn kam_Latn kan_Knda kas_Arab
  kas_Deva kat_Geor knc_Arab knc_Latn kaz_Cyrl kbp_Latn kea_Latn khm_Khmr kik_Latn kin_Latn kir_Cyrl kmb_Latn
  kmr_Latn kon_Latn kor_Hang lao_Laoo lij_Latn lim_Latn lin_Latn lit_Latn lmo_Latn ltg_Latn ltz_Latn lua_Latn
  lug_Latn luo_Latn lus_Latn lvs_Latn mag_Deva mai_Deva mal_Mlym mar_Deva min_Arab min_Latn mkd_Cyrl plt_Latn
  mlt_Latn mni_Beng khk_Cyrl mos_Latn mri_Latn mya_Mymr nld_Latn nno_Latn nob_Latn npi_Deva nso_Latn nus_Latn
  nya_Latn oci_Latn gaz_Latn ory_Orya pag_Latn pan_Guru pap_Latn pes_Arab pol_Latn por_Latn prs_Arab pbt_Arab
  quy_Latn ron_Latn run_Latn rus_Cyrl sag_Latn san_Deva sat_Beng scn_Latn shn_Mymr sin_Sinh slk_Latn slv_Latn
  smo_Latn sna_Latn snd_Arab som_Latn sot_Latn spa_Latn als_Latn srd_Latn srp_Cyrl ssw_Latn sun_Latn swe_Latn
  swh_Latn szl_Latn tam_Taml tat_Cyrl tel_Telu tgk_Cyrl tgl_Latn tha_Thai tir_Ethi taq_Latn taq_Tfng tpi_Latn
  tsn_Latn tso_Latn tuk_Latn tum_Latn tur_Latn twi_Latn tzm_Tfng uig_Arab ukr_Cyrl umb_Latn urd_Arab uzn_Latn
  vec_Latn vie_Latn war_Latn wol_Latn xho_Latn ydd_Hebr yor_Latn yue_Hant zho_Hans zho_Hant zsm_Latn zul_Latn
`;

function words(list: string): string[] {
  return list.trim().split(/\s+/);
}

/** Meanings of labels, written `label>group`; `-` is a label that the table does not know. */
function expectMeanings(scheme: LabelScheme, meanings: string): void {
  const asked = words(meanings).map((meaning) => meaning.split(">")[0] ?? "");
  expect(asked.map((label) => `${label}>${groupOfLabel(label, scheme) ?? "-"}`)).toEqual(words(meanings));
}

describe("the groups of editions", () => {
  it("hold every edition exactly once, led by one of them", () => {
    const groups = [...new Set(listEditions().map(({ lidGroup }) => lidGroup))];
    const members = groups.flatMap((group) => editionsOfGroup(group).map(({ code }) => code));
    expect([...members].sort()).toEqual(listEditions().map(({ code }) => code));
    for (const group of groups) expect(editionsOfGroup(group)[0]?.code).toBe(group);
    const shared = groups.map(editionsOfGroup).filter((editions) => editions.length > 1);
    expect(shared.map((editions) => editions.map(({ code }) => code).join(" "))).toEqual([
      ...["be be_tarask", "en simple", "jv map_bms", "zh zh_classical"],
    ]);
  });
});

describe("the table of labels", () => {
  it("knows every label of lid.176, each by an edition's group", () => {
    const labels = words(LID_176);
    expect(new Set(labels).size).toBe(176);
    expect(labels.filter((label) => [undefined, OTHER].includes(groupOfLabel(label, "lid.176")))).toEqual([]);
  });

  it("reads under its own scheme every label of lid.176 as lid.176 means it", () => {
    const labels = words(LID_176);
    expect(labels.map((label) => groupOfLabel(label, "worldmeta"))).toEqual(
      labels.map((label) => groupOfLabel(label, "lid.176")),
    );
  });

  it("names under its own scheme a language that lid.176 has no label for by its code of ISO 639-3 or that of its edition", () => {
    for (const [label, group] of knownLabels("worldmeta")) {
      if (groupOfLabel(label, "lid.176") !== undefined || group === OTHER) continue;
      expect([groupOfLabel(label, "iso639-3"), groupOfLabel(label, "edition")]).toContain(group);
      expect(groupsNamed("lid.176")).not.toContain(group);
    }
    expectMeanings("worldmeta", "zul>zu xho>xh dzo>dz zu>- hin_Latn>- ja>ja yue>zh_yue");
  });

  it("knows every label of FLORES-200", () => {
    const labels = words(FLORES_200);
    expect(new Set(labels).size).toBe(204);
    expect(labels.filter((label) => groupOfLabel(label, "nllb") === undefined)).toEqual([]);
  });

  it("names for every label a group or other", () => {
    const groups = new Set<string>(listEditions().map(({ lidGroup }) => lidGroup));
    for (const scheme of LABEL_SCHEMES) {
      for (const group of groupsNamed(scheme)) {
        expect(groups.has(group)).toBe(true);
        const labels = labelsOfGroup(group, scheme);
        expect(labels.length).toBeGreaterThan(0);
        for (const label of labels) expect(groupOfLabel(label, scheme)).toBe(group);
      }
    }
  });

  it("parts the groups of each scheme into those that it names and those that it does not", () => {
    const groups = [...new Set(listEditions().map(({ lidGroup }) => lidGroup))].sort();
    for (const scheme of LABEL_SCHEMES) {
      const both = [...groupsNamed(scheme), ...otherGroups(scheme)];
      expect([...both].sort()).toEqual(groups);
      expect(new Set(both).size).toBe(both.length);
    }
  });

  it("says how many of the editions each scheme names", () => {
    const counts = LABEL_SCHEMES.map((scheme) => groupsNamed(scheme).flatMap(editionsOfGroup).length);
    expect(Object.fromEntries(LABEL_SCHEMES.map((scheme, i) => [scheme, counts[i]]))).toEqual({
      "lid.176": 180,
      "iso639-3": 363,
      nllb: 177,
      edition: 364,
      worldmeta: 351,
    });
    expect(otherGroups("iso639-3")).toEqual(["roa_tara"]);
    expect(otherGroups("edition")).toEqual([]);
  });

  it("keeps apart what one label means in two schemes", () => {
    expectMeanings("lid.176", "als>als");
    expectMeanings("edition", "als>als gsw>als sq>sq nrm>nrm");
    expectMeanings("iso639-3", "als>sq gsw>als sqi>sq nrm>other nrf>nrm");
    expectMeanings("nllb", "als_Latn>sq als>-");
    expectMeanings("lid.176", "zul>- zu>-");
  });

  it("leads the labels whose names differ from the database's to their edition", () => {
    expectMeanings("lid.176", "bh>bh no>no nn>nn sh>sh yue>zh_yue wuu>wuu gan>- cbk>cbk_zam eml>eml zh>zh ckb>ckb");
    expectMeanings("iso639-3", "nan>zh_min_nan vro>fiu_vro sgs>bat_smg rup>roa_rup cbk>cbk_zam bho>bh hbs>sh");
    expectMeanings("iso639-3", "yue>zh_yue lzh>zh wuu>wuu gan>gan nob>no nor>no nno>nn egl>eml gsw>als");
    expectMeanings(
      "edition",
      "zh-min-nan>zh_min_nan nan>zh_min_nan be-tarask>be be-x-old>be bat-smg>bat_smg vro>fiu_vro",
    );
    expectMeanings("edition", "bho>bh nb>no no>no rup>roa_rup sgs>bat_smg cbk>cbk_zam simple>en map-bms>jv lzh>zh");
    expectMeanings("nllb", "bho_Deva>bh nob_Latn>no nno_Latn>nn yue_Hant>zh_yue zho_Hans>zh zho_Hant>zh");
  });

  it("leads codes of macrolanguages and of their members to the edition", () => {
    expectMeanings("iso639-3", "zho>zh cmn>zh ara>ar arb>ar arz>arz ary>ary apc>ar fas>fa pes>fa prs>fa lav>lv lvs>lv");
    expectMeanings("iso639-3", "ltg>ltg est>et ekk>et swa>sw swh>sw aze>az azj>az azb>azb msa>ms zsm>ms ind>id zul>zu");
    expectMeanings("iso639-3", "kur>ku kmr>ku ckb>ckb sdh>other uzn>uz uzs>other ron>ro tgl>tl fil>tl twi>tw aka>ak");
    expectMeanings("iso639-3", "ger>de deu>de chi>zh iku>iu act>nds_nl nds>nds nap>nap und>other luo>other xyz>-");
  });

  it("lets the script decide where one label does not tell two lists apart", () => {
    expectMeanings("nllb", "srp_Cyrl>sr kaz_Cyrl>kk pan_Guru>pa kas_Arab>ks kas_Deva>other mni_Beng>other");
    expectMeanings("nllb", "ace_Latn>ace ace_Arab>other min_Latn>min min_Arab>other bjn_Arab>other knc_Latn>knc");
    expectMeanings("nllb", "knc_Arab>other arb_Latn>other arb_Arab>ar taq_Tfng>other kmr_Latn>ku ckb_Arab>ckb");
    expectMeanings("iso639-3", "srp>sr srp_Latn>sh srp-Cyrl>sr pan_Arab>pnb aze_Arab>azb aze_Cyrl>other tgk-Cyrl>tg");
    expectMeanings("edition", "sr-Latn-RS>sh sh-Cyrl>sr uz-Cyrl>other pa-Arab-PK>pnb zh-Latn>other zh-Hant-TW>zh");
  });

  it("leads misnamed labels to where their texts belong", () => {
    expectMeanings("nllb", "sat_Beng>sat sat_Olck>sat kon_Latn>kg tzm_Tfng>zgh aka_Latn>tw twi_Latn>tw");
    expectMeanings("iso639-3", "tzm>other sat_Beng>other ktu>kg");
  });

  it("reads BCP 47 tags as names of editions", () => {
    expectMeanings(
      "edition",
      "pt-BR>pt en_US>en de-1996>de es-419>es sr>sr iw>he in>id zh-cmn-Hans-CN>zh zh-yue>zh_yue",
    );
    expectMeanings("edition", "zh-cdo>cdo zul>zu cmn>zh ja-Jpan>ja ko-Kore-KR>ko en-x-any>en de-CH-u-co-phonebk>de");
    expectMeanings("edition", "en-foo>- xx>- und>other klingon>- english>-");
    expect(groupOfLabel("", "edition")).toBeUndefined();
    expect(groupOfLabel("-", "edition")).toBeUndefined();
  });

  it("folds spellings", () => {
    expectMeanings("lid.176", "__label__en>en EN>en");
    expectMeanings("nllb", "zho-Hans>zh ZHO_HANS>zh __label__zho_Hant>zh");
    expectMeanings("edition", "ZH-YUE>zh_yue EN-us>en");
    expect(groupOfLabel(" en ", "lid.176")).toBe("en");
  });

  it("answers for any text", () => {
    const groups = new Set<string | undefined>([...listEditions().map(({ lidGroup }) => lidGroup), OTHER, undefined]);
    fc.assert(
      fc.property(fc.string(), fc.constantFrom(...LABEL_SCHEMES), (label, scheme) =>
        groups.has(groupOfLabel(label, scheme)),
      ),
    );
    for (const label of ["__proto__", "constructor", "toString"]) {
      for (const scheme of LABEL_SCHEMES) expect(groupOfLabel(label, scheme)).toBeUndefined();
    }
  });

  it("finds every edition by its code, its tag and its database under the scheme of editions", () => {
    for (const { code, database, domain, lidGroup } of listEditions()) {
      for (const name of [code, database, domain]) expect(groupOfLabel(name, "edition")).toBe(lidGroup);
    }
  });
});

describe("reading the table of labels", () => {
  const parse = (...rows: string[][]) =>
    parseLabels([LABEL_COLUMNS, ...rows].map((cells) => cells.join("\t")).join("\n"), "labels.tsv");

  it("takes rows that are right, with a byte order mark and CR LF", () => {
    const table = parse(["als", "als", "sq", "", "als", "", "a note"], ["als_Latn", "", "", "sq", "", "", ""]);
    expect(table["iso639-3"].get("als")).toEqual({ label: "als", group: "sq" });
    expect(table.nllb.get("als_latn")).toEqual({ label: "als_Latn", group: "sq" });
    expect(table.nllb.has("als")).toBe(false);
    const text = `\uFEFF${LABEL_COLUMNS.join("\t")}\r\nzul\t\tzu\t\t\t\t\r\n`;
    expect(parseLabels(text, "labels.tsv")["iso639-3"].get("zul")?.group).toBe("zu");
  });

  it.each<[string, string[][], RegExp]>([
    ["a missing cell", [["als", "als", "sq", ""]], /^labels\.tsv, line 2, column edition: the line has 4 cells/],
    ["spaces around a cell", [["als", " als", "sq", "", "", "", ""]], /line 2, column lid\.176: remove the spaces/],
    ["no label", [["", "als", "", "", "", "", ""]], /line 2, column label: "" is not a label/],
    [
      "one label twice",
      [
        ["zho_Hans", "", "", "zh", "", "", ""],
        ["zho_hans", "", "", "zh", "", "", ""],
      ],
      /line 3, column label.*line 2 already/,
    ],
    ["a label of no scheme", [["als", "", "", "", "", "", ""]], /line 2, column lid\.176: no scheme has "als"/],
    ["no such edition", [["als", "gsw", "", "", "", "", ""]], /column lid\.176: "gsw" is not the code.*or other$/],
    [
      "an edition that leads no group",
      [["eng", "", "simple", "", "", "", ""]],
      /column iso639-3: "simple".*write en, its group/,
    ],
    ["a label of another form", [["zho", "", "", "zh", "", "", ""]], /column nllb: "zho" is not spelt.*zho_Hans/],
    [
      "what editions.tsv contradicts",
      [["als", "als", "sq", "", "sq", "", ""]],
      /column edition: "sq" contradicts editions\.tsv.*write als/,
    ],
  ])("refuses %s and says where", (_, rows, message) => {
    expect(() => parse(...rows)).toThrow(message);
  });

  it("refuses another header", () => {
    expect(() => parseLabels("label\tgroup\nals\tals", "labels.tsv")).toThrow(/line 1, column label: the first line/);
  });
});
