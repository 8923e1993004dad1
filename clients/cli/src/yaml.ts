// Loaded on demand, through this module: of a CommonJS package that is itself imported on demand, a bundle has no names.
export { parse, stringify } from 'yaml';
