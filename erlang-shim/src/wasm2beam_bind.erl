%% Funs for imports. In the state of an instance an imported function is a fun with as many parameters as the function
%% has, or, beyond 20, with one parameter that is a tuple of them (docs/abi.md). Erlang cannot make a fun of any arity
%% at run time, hence the table of clauses, and hence the border: a wider function is rare, and a tuple costs it little.
-module(wasm2beam_bind).

-export([is_packed/1, plain/2, first/3, applied/2]).

-define(MAX_PLAIN, 20).

%% @doc Whether a function of so many parameters takes them as one tuple.
-spec is_packed(non_neg_integer()) -> boolean().
is_packed(Arity) ->
    Arity > ?MAX_PLAIN.

%% @doc The fun for a host function of Arity parameters, called as it is.
-spec plain(fun(), non_neg_integer()) -> fun().
plain(Fun, Arity) when Arity =< ?MAX_PLAIN -> Fun;
plain(Fun, _Arity) -> fun(Args) -> apply(Fun, tuple_to_list(Args)) end.

%% @doc The fun for a function that takes First before its Arity parameters.
-spec first(fun(), term(), non_neg_integer()) -> fun().
first(F, X, 0) -> fun() -> F(X) end;
first(F, X, 1) -> fun(A) -> F(X, A) end;
first(F, X, 2) -> fun(A, B) -> F(X, A, B) end;
first(F, X, 3) -> fun(A, B, C) -> F(X, A, B, C) end;
first(F, X, 4) -> fun(A, B, C, D) -> F(X, A, B, C, D) end;
first(F, X, 5) -> fun(A, B, C, D, E) -> F(X, A, B, C, D, E) end;
first(Fun, First, Arity) -> applied(fun(Args) -> apply(Fun, [First | Args]) end, Arity).

%% @doc The fun for a function that takes its Arity parameters as a list.
-spec applied(fun(([term()]) -> term()), non_neg_integer()) -> fun().
applied(F, 0) -> fun() -> F([]) end;
applied(F, 1) -> fun(A) -> F([A]) end;
applied(F, 2) -> fun(A, B) -> F([A, B]) end;
applied(F, 3) -> fun(A, B, C) -> F([A, B, C]) end;
applied(F, 4) -> fun(A, B, C, D) -> F([A, B, C, D]) end;
applied(F, 5) -> fun(A, B, C, D, E) -> F([A, B, C, D, E]) end;
applied(F, 6) -> fun(A, B, C, D, E, G) -> F([A, B, C, D, E, G]) end;
applied(F, 7) -> fun(A, B, C, D, E, G, H) -> F([A, B, C, D, E, G, H]) end;
applied(F, 8) -> fun(A, B, C, D, E, G, H, I) -> F([A, B, C, D, E, G, H, I]) end;
applied(F, 9) -> fun(A, B, C, D, E, G, H, I, J) -> F([A, B, C, D, E, G, H, I, J]) end;
applied(F, 10) -> fun(A, B, C, D, E, G, H, I, J, K) -> F([A, B, C, D, E, G, H, I, J, K]) end;
applied(F, 11) -> fun(A, B, C, D, E, G, H, I, J, K, L) -> F([A, B, C, D, E, G, H, I, J, K, L]) end;
applied(F, 12) -> fun(A, B, C, D, E, G, H, I, J, K, L, M) -> F([A, B, C, D, E, G, H, I, J, K, L, M]) end;
applied(F, 13) -> fun(A, B, C, D, E, G, H, I, J, K, L, M, N) -> F([A, B, C, D, E, G, H, I, J, K, L, M, N]) end;
applied(F, 14) -> fun(A, B, C, D, E, G, H, I, J, K, L, M, N, O) -> F([A, B, C, D, E, G, H, I, J, K, L, M, N, O]) end;
applied(F, 15) ->
    fun(A, B, C, D, E, G, H, I, J, K, L, M, N, O, P) -> F([A, B, C, D, E, G, H, I, J, K, L, M, N, O, P]) end;
applied(F, 16) ->
    fun(A, B, C, D, E, G, H, I, J, K, L, M, N, O, P, Q) -> F([A, B, C, D, E, G, H, I, J, K, L, M, N, O, P, Q]) end;
applied(F, 17) ->
    fun(A, B, C, D, E, G, H, I, J, K, L, M, N, O, P, Q, R) ->
        F([A, B, C, D, E, G, H, I, J, K, L, M, N, O, P, Q, R])
    end;
applied(F, 18) ->
    fun(A, B, C, D, E, G, H, I, J, K, L, M, N, O, P, Q, R, S) ->
        F([A, B, C, D, E, G, H, I, J, K, L, M, N, O, P, Q, R, S])
    end;
applied(F, 19) ->
    fun(A, B, C, D, E, G, H, I, J, K, L, M, N, O, P, Q, R, S, T) ->
        F([A, B, C, D, E, G, H, I, J, K, L, M, N, O, P, Q, R, S, T])
    end;
applied(F, 20) ->
    fun(A, B, C, D, E, G, H, I, J, K, L, M, N, O, P, Q, R, S, T, U) ->
        F([A, B, C, D, E, G, H, I, J, K, L, M, N, O, P, Q, R, S, T, U])
    end;
applied(F, _Arity) -> fun(Args) -> F(tuple_to_list(Args)) end.
