;; test: ir fac
;; A function that calls itself: the depth is an argument and is counted, the product is made of halves.
(module
  (func $fac (export "fac") (param i32) (result i32)
    (if (result i32) (i32.eqz (local.get 0))
      (then (i32.const 1))
      (else (i32.mul (local.get 0) (call $fac (i32.sub (local.get 0) (i32.const 1))))))))

;; expected:
;; function "fac"
;; b1(v0:int[0..4294967295], v2:int[0..1099511627776]):
;;   trap_if lt call_stack_exhausted v2, 1
;;   v4:int[0..1099511627776] = int.sub v2, 1
;;   branch eq v0, 0 ? b4(1) : b3()
;; b3():
;;   v10:int[-1..4294967294] = int.add v0, -1
;;   v12:int[0..4294967295] = int.and v10, 4294967295
;;   v13:int[0..4294967295] = call function=0 v12, v4 @0x31
;;   v15:int[0..65535] = int.and v13, 65535
;;   v16:int[0..281470681677825] = int.mul v0, v15
;;   v18:int[0..65535] = int.shr v13, 16
;;   v19:int[0..281470681677825] = int.mul v0, v18
;;   v20:int[0..65535] = int.and v19, 65535
;;   v21:int[0..4294901760] = int.shl v20, 16
;;   v22:int[0..281474976579585] = int.add v16, v21
;;   v23:int[0..4294967295] = int.and v22, 4294967295
;;   jump b4(v23)
;; b4(v1:int[0..4294967295]):
;;   return v1
;;
;; function "fac"
;; b0(v0:term, v1:term):
;;   v2:term{6} = runtime wasm2beam_instance:enter v0, "filetest":term
;;   v4:term{1} = state.get slot=6 v2
;;   v5:int[0..4503599627370495] = cell.get slot=1 v4
;;   v7:int[1..4503599627370496] = int.add v5, 1
;;   v9:int[0..4503599627370495] = int.and v7, 4503599627370495
;;   cell.set slot=1 v4, v9
;;   v10:int[0..4294967295] = runtime wasm2beam_value:to_i32 v1
;;   v11:term{1} = state.get slot=2 v2
;;   v12:int[0..1099511627776] = cell.get slot=1 v11
;;   v13:int[0..4294967295] = call function=0 v10, v12
;;   v15:int[0..4294967295] = int.xor v13, 2147483648
;;   v17:int[-2147483648..2147483647] = int.add v15, -2147483648
;;   return v17
;;
;; function "fac"
;; b0(v0:term):
;;   v1:int[0..4294967295] = runtime wasm2beam_value:to_i32 v0
;;   v3:int[0..4294967295] = call function=0 v1, 100000
;;   v5:int[0..4294967295] = int.xor v3, 2147483648
;;   v7:int[-2147483648..2147483647] = int.add v5, -2147483648
;;   return v7
