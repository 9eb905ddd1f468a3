;; test: asm add
;; The operands carry their range, the sum is masked once.
(module
  (func $add (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1))))

;; expected:
;; {function, add, 2, 1}.
;;   {label,2}.
;;     {line,[]}.
;;     {func_info,{atom,filetest},{atom,add},2}.
;;   {label,1}.
;;     {gc_bif,'+',{f,0},2,[{tr,{x,0},{t_integer,{0,4294967295}}},{tr,{x,1},{t_integer,{0,4294967295}}}],{x,0}}.
;;     {gc_bif,'band',{f,0},1,[{tr,{x,0},{t_integer,{0,8589934591}}},{integer,4294967295}],{x,0}}.
;;     return.
