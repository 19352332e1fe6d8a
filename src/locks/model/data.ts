import { shape } from '../shape.js';

/** Rows: read, written, counted, locked by hand. */
export const dataShapes = {
  query: shape('SELECT * FROM t', ['read AS', 'locked RS']),
  'insert rows': shape('INSERT INTO t SELECT * FROM s', [
    'written RE',
    'heirs RE',
    'read AS',
    'locked RS',
    'checked RS',
    'parent AS',
  ]),
  'change rows': shape('UPDATE t SET a = 1', [
    'written RE',
    'heirs RE',
    'read AS',
    'locked RS',
    'checked RS',
    'parent AS -13',
  ]),
  'change all rows': shape('DELETE FROM t', [
    'written RE scan',
    'heirs RE scan',
    'read AS',
    'locked RS',
    'checked RS',
    'parent AS -13',
  ]),
  'copy in': shape('COPY t FROM STDIN', ['table RE', 'checked RS']),
  'copy out': shape('COPY t TO STDOUT', ['table AS 13-']),
  'lock table in ACCESS SHARE': shape('LOCK TABLE t IN ACCESS SHARE MODE', ['table AS', 'heirs AS']),
  'lock table in ROW SHARE': shape('LOCK TABLE t IN ROW SHARE MODE', ['table RS', 'heirs RS']),
  'lock table in ROW EXCLUSIVE': shape('LOCK TABLE t IN ROW EXCLUSIVE MODE', ['table RE', 'heirs RE']),
  'lock table in SHARE UPDATE EXCLUSIVE': shape('LOCK TABLE t IN SHARE UPDATE EXCLUSIVE MODE', [
    'table SUE',
    'heirs SUE',
  ]),
  'lock table in SHARE': shape('LOCK TABLE t IN SHARE MODE', ['table S', 'heirs S']),
  'lock table in SHARE ROW EXCLUSIVE': shape('LOCK TABLE t IN SHARE ROW EXCLUSIVE MODE', [
    'table SRE',
    'heirs SRE',
  ]),
  'lock table in EXCLUSIVE': shape('LOCK TABLE t IN EXCLUSIVE MODE', ['table E', 'heirs E']),
  'lock table in ACCESS EXCLUSIVE': shape('LOCK TABLE t', ['table AE', 'heirs AE']),
  analyze: shape('ANALYZE t', ['table SUE', 'heirs SUE']),
  vacuum: shape('VACUUM t', ['table SUE', 'heirs SUE'], { alone: [11, 18], brief: true }),
  'vacuum full': shape('VACUUM FULL t', ['table AE rewrite', 'heirs AE rewrite', 'indexes AE'], {
    alone: [11, 18],
    brief: true,
  }),
};
