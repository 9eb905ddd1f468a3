// Calls that were inlined, by the guest's compiler or by this one, as chains from the innermost one outwards.
import type { Location } from '../ir/locations.ts';

/** A call that was inlined. Equal ones of one InlinedCalls are one object. */
export interface InlinedCall {
  /** Of the function that was inlined. */
  readonly name: string;
  /** Where it was called. */
  readonly caller: Location;
  /** The call that the caller was inlined by; undefined where the caller is the function of the module. */
  readonly outer: InlinedCall | undefined;
}

export class InlinedCalls {
  private readonly known = new Map<string, InlinedCall>();
  private readonly numbers = new Map<InlinedCall, number>();

  /** The one call that says so. */
  intern(name: string, caller: Location, outer: InlinedCall | undefined): InlinedCall {
    const key = [name, caller.file, caller.line, outer === undefined ? '' : this.numbers.get(outer)].join('\0');
    let call = this.known.get(key);
    if (call === undefined) {
      call = { name, caller, outer };
      this.known.set(key, call);
      this.numbers.set(call, this.numbers.size);
    }
    return call;
  }

  /** The same calls, inlined by another one in turn. */
  within(inlined: InlinedCall | undefined, outermost: InlinedCall): InlinedCall {
    const chain: InlinedCall[] = [];
    for (let call = inlined; call !== undefined; call = call.outer) chain.push(call);
    return chain.reduceRight<InlinedCall>((outer, { name, caller }) => this.intern(name, caller, outer), outermost);
  }
}
