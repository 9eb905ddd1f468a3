// The package has types for these functions, but under the name of the file that imports the module itself.
declare module '@dimforge/rapier2d/rapier_wasm2d_bg.js' {
  export * from '@dimforge/rapier2d/rapier_wasm2d.js';
  export function __wbg_set_wasm(exports: object): void;
}
