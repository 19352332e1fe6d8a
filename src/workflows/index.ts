export { backup } from './back-up.js';
export { maintenance } from './maintenance.js';
export { deploy } from './deploy.js';
export { expire } from './expire.js';
export { drill, prove } from './prove.js';
export { read } from './read.js';
export { restore } from './restore.js';
export { rollback } from './rollback.js';
export { scheduled } from './scheduled.js';
