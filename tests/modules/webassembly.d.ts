// What the recorder needs of the WebAssembly JavaScript interface beyond tests/webassembly.d.ts.
//
// spec: js-api
declare namespace WebAssembly {
  function compile(bytes: ArrayBuffer | Uint8Array): Promise<Module>;
  function instantiate(
    source: Module | ArrayBuffer | Uint8Array,
    imports?: Imports,
  ): Promise<Instance | { module: Module; instance: Instance }>;
}
