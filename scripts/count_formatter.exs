# An ExUnit formatter that writes the counts of a run as JSON to the file named by COUNT_FILE, for scripts/test.mjs:
# ExUnit's own summary line is prose that changes between releases.
defmodule CountFormatter do
  @moduledoc false
  use GenServer

  @impl true
  def init(_options), do: {:ok, %{passed: 0, failed: 0, skipped: 0}}

  @impl true
  def handle_cast({:test_finished, test}, counts) do
    {:noreply, Map.update!(counts, outcome(test.state), &(&1 + 1))}
  end

  def handle_cast({:suite_finished, _times}, counts) do
    fields = Enum.map_join(counts, ",", fn {name, count} -> ~s("#{name}":#{count}) end)
    File.write!(System.fetch_env!("COUNT_FILE"), "{#{fields}}")
    {:noreply, counts}
  end

  def handle_cast(_event, counts), do: {:noreply, counts}

  defp outcome(nil), do: :passed
  defp outcome({:failed, _}), do: :failed
  # Its module's setup_all failed.
  defp outcome({:invalid, _}), do: :failed
  defp outcome({:skipped, _}), do: :skipped
  defp outcome({:excluded, _}), do: :skipped
end
