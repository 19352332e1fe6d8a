import { minuteOf } from './units.js';

/**
 * The page that visitors of a closed site see: English and Korean, no outside resources. Small, because nginx
 * takes at most 4,096 bytes as one word of its configuration, and without `"`, `$` and `\`, which nginx reads
 * itself.
 *
 * @param until - planned end, ISO 8601 in UTC; left out where it is not known
 */
export const maintenancePage = (until?: string): string =>
  `<!doctype html><html lang='en'><head><meta charset='utf-8'>
<meta name='viewport' content='width=device-width,initial-scale=1'><meta name='robots' content='noindex'>
<title>Maintenance / 점검 중</title>
<style>body{font:1.05rem/1.6 system-ui,sans-serif;max-width:34rem;margin:18vh auto;padding:0 1.2rem;color:#222;background:#fafafa}
h1{font-size:1.4rem}hr{border:0;border-top:1px solid #ccc;margin:2rem 0}
@media(prefers-color-scheme:dark){body{color:#ddd;background:#181818}hr{border-color:#444}}</style></head><body>
<main><h1>We will be right back</h1>
<p>The site is closed for a short maintenance. What you saved before is safe; please send what you were just
sending again afterwards.${until ? ` Planned end: ${timeTag(until)}.` : ''}</p><hr>
<div lang='ko'><h1>잠시 점검 중입니다</h1>
<p>서비스를 점검하고 있습니다. 이미 저장된 내용은 안전합니다. 방금 보내던 내용은 점검이 끝난 뒤 다시 보내
주세요.${until ? ` 종료 예정: ${timeTag(until)}.` : ''}</p></div></main></body></html>
`;

/** `2026-01-02T03:04:05.678Z` as `2026-01-02 03:04 UTC`. */
const timeTag = (until: string): string => `<time datetime='${until}'>${minuteOf(until)} UTC</time>`;
