;; test: asm f
;; What is inline for finite floats: a conversion, a choice, a magnitude, a floor.
(module
  (func $f (param f64 f64) (result i32)
    (i32.trunc_f64_s (f64.floor (f64.min (local.get 0) (f64.abs (local.get 1)))))))

;; expected:
;; {function, f, 2, 1}.
;;   {label,2}.
;;     {line,[]}.
;;     {func_info,{atom,filetest},{atom,f},2}.
;;   {label,1}.
;;     {test,is_float,{f,3},[{x,1}]}.
;;     {test,is_lt,{f,5},[{x,1},{float,0.0}]}.
;;     {gc_bif,'*',{f,0},2,[{x,1},{float,-1.0}],{x,1}}.
;;     {jump,{f,4}}.
;;   {label,5}.
;;     {test,is_lt,{f,6},[{float,0.0},{x,1}]}.
;;   {label,4}.
;;     {test,is_float,{f,7},[{x,0}]}.
;;     {test,is_float,{f,7},[{x,1}]}.
;;     {test,is_lt,{f,9},[{x,0},{x,1}]}.
;;     {jump,{f,8}}.
;;   {label,9}.
;;     {test,is_lt,{f,10},[{x,1},{x,0}]}.
;;   {label,11}.
;;     {move,{x,1},{x,0}}.
;;   {label,8}.
;;     {gc_bif,floor,{f,12},1,[{x,0}],{x,1}}.
;;     {test,is_ne_exact,{f,14},[{x,1},{integer,0}]}.
;;     {gc_bif,float,{f,0},2,[{x,1}],{x,0}}.
;;   {label,13}.
;;     {gc_bif,trunc,{f,15},1,[{x,0}],{x,1}}.
;;     {test,is_ge,{f,15},[{x,1},{integer,-2147483648}]}.
;;     {test,is_ge,{f,15},[{integer,2147483647},{x,1}]}.
;;     {gc_bif,'band',{f,0},2,[{tr,{x,1},{t_integer,{-2147483648,2147483647}}},{integer,4294967295}],{x,0}}.
;;   {label,16}.
;;     return.
;;   {label,3}.
;;     {allocate_heap,1,2,2}.
;;     {put_tuple2,{y,0},{list,[{x,0}]}}.
;;     {move,{x,1},{x,0}}.
;;     {line,[{location,"asm/floats.wat",30}]}.
;;     {call_ext,1,{extfunc,wasm2beam_float,f64_abs,1}}.
;;     {move,{x,0},{x,1}}.
;;     {get_tuple_element,{y,0},0,{x,0}}.
;;     {deallocate,1}.
;;     {jump,{f,4}}.
;;   {label,6}.
;;     {move,{float,0.0},{x,1}}.
;;     {jump,{f,4}}.
;;   {label,7}.
;;     {allocate,0,2}.
;;     {line,[{location,"asm/floats.wat",31}]}.
;;     {call_ext,2,{extfunc,wasm2beam_float,f64_min,2}}.
;;     {deallocate,0}.
;;     {jump,{f,8}}.
;;   {label,10}.
;;     {test,is_ne,{f,7},[{x,1},{float,0.0}]}.
;;     {jump,{f,11}}.
;;   {label,12}.
;;     {allocate,0,1}.
;;     {line,[{location,"asm/floats.wat",32}]}.
;;     {call_ext,1,{extfunc,wasm2beam_float,f64_floor,1}}.
;;     {deallocate,0}.
;;     {jump,{f,13}}.
;;   {label,14}.
;;     {test,is_lt,{f,12},[{float,0.0},{x,0}]}.
;;     {move,{float,0.0},{x,0}}.
;;     {jump,{f,13}}.
;;   {label,15}.
;;     {allocate,0,1}.
;;     {line,[{location,"asm/floats.wat",33}]}.
;;     {call_ext,1,{extfunc,wasm2beam_float,i32_trunc_f64_s,1}}.
;;     {deallocate,0}.
;;     {jump,{f,16}}.
