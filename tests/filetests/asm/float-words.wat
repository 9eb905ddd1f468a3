;; test: asm f
;; Conversions to words that can be had at the first of them share a binary, and what they take is one run.
(module
  (global $a (mut f64) (f64.const 0))
  (global $b (mut f64) (f64.const 0))
  (func $f (param f64 f64)
    (global.set $a (f64.mul (local.get 0) (local.get 1)))
    (global.set $b (f64.add (local.get 0) (local.get 1)))))

;; expected:
;; {function, f, 3, 1}.
;;   {label,2}.
;;     {line,[]}.
;;     {func_info,{atom,filetest},{atom,f},3}.
;;   {label,1}.
;;     {'%',{var_info,{x,2},[{type,{t_tuple,8,false,#{}}}]}}.
;;     {test,is_float,{f,3},[{x,0}]}.
;;     {test,is_float,{f,3},[{x,1}]}.
;;     {fmove,{x,0},{fr,0}}.
;;     {fmove,{x,1},{fr,1}}.
;;     {allocate_heap,4,{alloc,[{words,0},{floats,2}]},3}.
;;     {move,{x,0},{y,0}}.
;;     {move,{x,1},{y,1}}.
;;     {move,{x,2},{y,2}}.
;;     {'try',{y,3},{f,6}}.
;;     {bif,fmul,{f,0},[{fr,0},{fr,1}],{fr,2}}.
;;     {bif,fadd,{f,0},[{fr,0},{fr,1}],{fr,3}}.
;;     {fmove,{fr,2},{x,0}}.
;;     {fmove,{fr,3},{x,1}}.
;;     {try_end,{y,3}}.
;;     {deallocate,4}.
;;   {label,4}.
;;     {bs_create_bin,{f,7},0,3,1,{x,3},{list,[{atom,float},1,1,nil,{x,0},{integer,64},{atom,float},2,1,nil,{x,1},{integer,64}]}}.
;;     {test,bs_start_match3,{f,7},4,[{x,3}],{x,3}}.
;;     {test,bs_get_integer2,{f,7},4,[{x,3},{integer,32},1,{field_flags,[unsigned,big]}],{x,0}}.
;;     {test,bs_get_integer2,{f,7},4,[{x,3},{integer,32},1,{field_flags,[unsigned,big]}],{x,1}}.
;;     {test,bs_get_integer2,{f,7},4,[{x,3},{integer,32},1,{field_flags,[unsigned,big]}],{x,4}}.
;;     {test,bs_get_integer2,{f,7},5,[{x,3},{integer,32},1,{field_flags,[unsigned,big]}],{x,5}}.
;;   {label,8}.
;;     {get_tuple_element,{x,2},4,{x,3}}.
;;     {'%',{var_info,{x,3},[{type,{t_tuple,2,false,#{}}}]}}.
;;     {set_tuple_element,{x,0},{x,3},0}.
;;     {set_tuple_element,{x,1},{x,3},1}.
;;     {get_tuple_element,{x,2},5,{x,0}}.
;;     {'%',{var_info,{x,0},[{type,{t_tuple,2,false,#{}}}]}}.
;;     {set_tuple_element,{x,4},{x,0},0}.
;;     {set_tuple_element,{x,5},{x,0},1}.
;;     {move,{atom,ok},{x,0}}.
;;     return.
;;   {label,3}.
;;     {allocate_heap,1,4,3}.
;;     {put_tuple2,{y,0},{list,[{x,2},{x,0},{x,1}]}}.
;;     {move,{y,0},{x,2}}.
;;     {move,{literal,[{f64_mul,[2,3]},{f64_add,[2,3]}]},{x,0}}.
;;     {move,{literal,[4,5]},{x,1}}.
;;     {call_ext,3,{extfunc,wasm2beam_float_run,run,3}}.
;;     {'%',{var_info,{x,0},[{type,{t_tuple,2,false,#{}}}]}}.
;;     {get_tuple_element,{x,0},1,{x,1}}.
;;     {get_tuple_element,{x,0},0,{x,0}}.
;;     {get_tuple_element,{y,0},0,{x,2}}.
;;     {deallocate,1}.
;;     {jump,{f,4}}.
;;   {label,6}.
;;     {try_case,{y,3}}.
;;     {move,{y,0},{x,0}}.
;;     {move,{y,1},{x,1}}.
;;     {move,{y,2},{x,2}}.
;;     {deallocate,4}.
;;     {jump,{f,3}}.
;;   {label,7}.
;;     {allocate_heap,1,4,3}.
;;     {put_tuple2,{y,0},{list,[{x,2},{x,0},{x,1}]}}.
;;     {move,{y,0},{x,0}}.
;;     {move,{integer,2},{x,1}}.
;;     {move,{integer,64},{x,2}}.
;;     {call_ext,3,{extfunc,wasm2beam_float_bits,words,3}}.
;;     {'%',{var_info,{x,0},[{type,{t_tuple,4,false,#{}}}]}}.
;;     {get_tuple_element,{x,0},1,{x,1}}.
;;     {get_tuple_element,{x,0},2,{x,4}}.
;;     {line,[]}.
;;     {get_tuple_element,{x,0},3,{x,5}}.
;;     {get_tuple_element,{x,0},0,{x,0}}.
;;     {get_tuple_element,{y,0},0,{x,2}}.
;;     {deallocate,1}.
;;     {jump,{f,8}}.
