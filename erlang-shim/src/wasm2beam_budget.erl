%% Pages that several memories share: what one of them takes, the others cannot have.
-module(wasm2beam_budget).

-export([new/1, left/1, take/2, give/2]).

-export_type([budget/0]).

-opaque budget() :: {?MODULE, wasm2beam_store:cells()}.

%% @doc A budget of so many pages, at most 65,536, for memories of this process.
-spec new(non_neg_integer()) -> budget().
new(Pages) ->
    wasm2beam_cells_loader:ensure(),
    {?MODULE, wasm2beam_store:cells([Pages])}.

%% @doc The pages that nobody has.
-spec left(budget()) -> non_neg_integer().
left({?MODULE, Cells}) ->
    wasm2beam_cells:get(Cells, 1).

%% @doc Takes so many; false, and nothing taken, where they are not left.
-spec take(budget(), non_neg_integer()) -> boolean().
take({?MODULE, Cells} = Budget, Pages) ->
    Left = left(Budget) - Pages,
    Left >= 0 andalso wasm2beam_cells:set(Cells, 1, Left) =:= ok.

%% @doc Gives back what was taken.
-spec give(budget(), non_neg_integer()) -> ok.
give({?MODULE, Cells} = Budget, Pages) ->
    wasm2beam_cells:set(Cells, 1, left(Budget) + Pages).
