import type { Scope } from './closure.js';
import { minuteOf } from './units.js';

export type Language = 'en' | 'ko';

export interface PageOptions {
  /** Planned end, ISO 8601 in UTC; left out where it is not known. */
  until?: string;
  /** Which language comes first; the other one follows. */
  first?: Language;
  /** What is closed; default: the whole site. */
  scope?: Scope;
}

/**
 * The page that visitors of a closed site see: English and Korean, no outside resources. Small, because nginx
 * takes at most 4,096 bytes as one word of its configuration, and without `"`, `$` and `\`, which nginx reads
 * itself.
 */
export function maintenancePage({ until, first = 'en', scope = 'site' }: PageOptions = {}): string {
  const second = first === 'en' ? 'ko' : 'en';
  return `<!doctype html><html lang='${first}'><head><meta charset='utf-8'>
<meta name='viewport' content='width=device-width,initial-scale=1'><meta name='robots' content='noindex'>
<title>${first === 'en' ? 'Maintenance / 점검 중' : '점검 중 / Maintenance'}</title>
<style>body{font:1.05rem/1.6 system-ui,sans-serif;max-width:34rem;margin:18vh auto;padding:0 1.2rem;color:#222;background:#fafafa}
h1{font-size:1.4rem}hr{border:0;border-top:1px solid #ccc;margin:2rem 0}
@media(prefers-color-scheme:dark){body{color:#ddd;background:#181818}hr{border-color:#444}}</style></head><body>
<main><div>${words[first][scope](until)}</div><hr>
<div lang='${second}'>${words[second][scope](until)}</div></main></body></html>
`;
}

type Words = (until?: string) => string;

const words: Readonly<Record<Language, Readonly<Record<Scope, Words>>>> = {
  en: {
    site: (until) => `<h1>We will be right back</h1>
<p>The site is closed for a short maintenance. What you saved before is safe; please send what you were just
sending again afterwards.${plannedEnd(until)}</p>`,
    writes: (until) => `<h1>Nothing can be saved for a moment</h1>
<p>During a short maintenance the site can be read, and takes nothing new. What you just sent was not saved;
please send it again afterwards.${plannedEnd(until)}</p>`,
  },
  ko: {
    site: (until) => `<h1>잠시 점검 중입니다</h1>
<p>서비스를 점검하고 있습니다. 이미 저장된 내용은 안전합니다. 방금 보내던 내용은 점검이 끝난 뒤 다시 보내
주세요.${plannedEndInKorean(until)}</p>`,
    writes: (until) => `<h1>잠시 저장할 수 없습니다</h1>
<p>점검하는 동안 조회만 할 수 있습니다. 방금 보낸 내용은 저장되지 않았습니다. 점검이 끝난 뒤 다시 보내
주세요.${plannedEndInKorean(until)}</p>`,
  },
};

const plannedEnd = (until?: string): string => (until ? ` Planned end: ${timeTag(until)}.` : '');
const plannedEndInKorean = (until?: string): string => (until ? ` 종료 예정: ${timeTag(until)}.` : '');

/** `2026-01-02T03:04:05.678Z` as `2026-01-02 03:04 UTC`. */
const timeTag = (until: string): string => `<time datetime='${until}'>${minuteOf(until)} UTC</time>`;
