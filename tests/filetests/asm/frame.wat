;; test: asm sum
;; Even slots of the frame are initialised before odd ones, lest the loader makes a loop of neighbours. An access that is a
;; call takes the memory out of S in the frame.
(module
  (import "env" "tick" (func $tick (result i32)))
  (memory 1)
  (func $sum (param i32) (result i32)
    (i32.add
      (i32.add (i32.load (local.get 0)) (call $tick))
      (i32.add (i32.load offset=4096 (local.get 0)) (i32.add (i32.load offset=8192 (local.get 0)) (call $tick))))))

;; expected:
;; {function, sum, 4, 4}.
;;   {label,5}.
;;     {line,[]}.
;;     {func_info,{atom,filetest},{atom,sum},4}.
;;   {label,4}.
;;     {'%',{var_info,{x,1},[{type,{t_tuple,9,false,#{}}}]}}.
;;     {'%',{var_info,{x,2},[{type,{t_tuple,1,false,#{}}}]}}.
;;     {allocate,7,4}.
;;     {move,{x,0},{y,0}}.
;;     {line,[]}.
;;     {move,{x,1},{y,1}}.
;;     {line,[]}.
;;     {move,{x,2},{y,2}}.
;;     {line,[]}.
;;     {move,{x,3},{y,3}}.
;;     {init_yregs,{list,[{y,4},{y,6}]}}.
;;     {init_yregs,{list,[{y,5}]}}.
;;     {move,{y,0},{x,0}}.
;;     {move,{y,2},{x,1}}.
;;     {get_tuple_element,{y,1},4,{x,2}}.
;;     {line,[{location,"asm/frame.wat",50}]}.
;;     {call_ext,3,{extfunc,wasm2beam_cells,load32,3}}.
;;     {move,{x,0},{y,4}}.
;;     {move,{y,1},{x,0}}.
;;     {line,[]}.
;;     {move,{y,2},{x,1}}.
;;     {line,[]}.
;;     {move,{y,3},{x,2}}.
;;     {line,[{location,"asm/frame.wat",53}]}.
;;     {call,3,{f,1}}.
;;     {get_tuple_element,{y,1},5,{x,1}}.
;;     {'%',{var_info,{x,1},[{type,{t_tuple,2,false,#{}}}]}}.
;;     {get_tuple_element,{x,1},0,{x,1}}.
;;     {get_tuple_element,{y,2},0,{x,2}}.
;;     {test,is_eq_exact,{f,6},[{x,1},{x,2}]}.
;;   {label,7}.
;;     {'%',{var_info,{y,2},[{type,{t_tuple,1,false,#{}}}]}}.
;;     {gc_bif,'+',{f,0},1,[{tr,{y,4},{t_integer,{0,4294967295}}},{tr,{x,0},{t_integer,{0,4294967295}}}],{y,4}}.
;;     {gc_bif,'+',{f,0},0,[{tr,{y,0},{t_integer,{0,4294967295}}},{integer,4096}],{x,0}}.
;;     {move,{y,2},{x,1}}.
;;     {get_tuple_element,{y,1},4,{x,2}}.
;;     {line,[{location,"asm/frame.wat",58}]}.
;;     {call_ext,3,{extfunc,wasm2beam_cells,load32,3}}.
;;     {move,{x,0},{y,5}}.
;;     {gc_bif,'+',{f,0},0,[{tr,{y,0},{t_integer,{0,4294967295}}},{integer,8192}],{x,0}}.
;;     {move,{y,2},{x,1}}.
;;     {get_tuple_element,{y,1},4,{x,2}}.
;;     {line,[{location,"asm/frame.wat",64}]}.
;;     {call_ext,3,{extfunc,wasm2beam_cells,load32,3}}.
;;     {move,{x,0},{y,0}}.
;;     {move,{y,1},{x,0}}.
;;     {line,[]}.
;;     {move,{y,2},{x,1}}.
;;     {line,[]}.
;;     {move,{y,3},{x,2}}.
;;     {line,[{location,"asm/frame.wat",68}]}.
;;     {call,3,{f,1}}.
;;     {gc_bif,'+',{f,0},1,[{tr,{y,0},{t_integer,{0,4294967295}}},{tr,{x,0},{t_integer,{0,4294967295}}}],{x,0}}.
;;     {gc_bif,'+',{f,0},1,[{tr,{y,5},{t_integer,{0,4294967295}}},{tr,{x,0},{t_integer,{0,8589934591}}}],{x,0}}.
;;     {gc_bif,'+',{f,0},1,[{tr,{y,4},{t_integer,{0,8589934591}}},{tr,{x,0},{t_integer,{0,17179869183}}}],{x,0}}.
;;     {gc_bif,'band',{f,0},1,[{tr,{x,0},{t_integer,{0,34359738367}}},{integer,4294967295}],{x,0}}.
;;     {deallocate,7}.
;;     return.
;;   {label,6}.
;;     {test_heap,2,1}.
;;     {put_tuple2,{y,6},{list,[{x,0}]}}.
;;     {get_tuple_element,{y,1},4,{x,0}}.
;;     {call_ext,1,{extfunc,wasm2beam_memory,root,1}}.
;;     {move,{x,0},{y,2}}.
;;     {get_tuple_element,{y,6},0,{x,0}}.
;;     {jump,{f,7}}.
