using OpenEim.Benchmarks.Reports;
using OpenEim.Storage;

namespace OpenEim.Benchmarks.Engines;

/// <summary>A fleet at rest, and its past.</summary>
/// <param name="Euiccs">How many.</param>
/// <param name="OperationsEach">Finished operations of each.</param>
internal readonly record struct FleetSize(long Euiccs, int OperationsEach = 0)
{
    public override string ToString() => OperationsEach == 0
        ? $"{Euiccs:N0} eUICCs"
        : $"{Euiccs:N0} eUICCs with {Euiccs * OperationsEach:N0} finished operations";
}

/// <summary>Databases filled with eUICCs that have nothing to do, made when they are first asked for and kept to the end of the run.</summary>
internal sealed class Fleets(BenchRun run)
{
    private readonly Dictionary<(string Engine, FleetSize Size), EimSetup> _setups = [];

    /// <summary>The database with such a fleet; a server may be started on it, one at a time.</summary>
    public async Task<EimSetup> GetAsync(IEngine engine, FleetSize size)
    {
        if (!_setups.TryGetValue((engine.Name, size), out var setup))
        {
            setup = await NewAsync(engine, size).ConfigureAwait(false);
            _setups.Add((engine.Name, size), setup);
        }

        return setup;
    }

    /// <summary>A database with such a fleet for one part alone, which may change it.</summary>
    public async Task<EimSetup> NewAsync(IEngine engine, FleetSize size)
    {
        var setup = await EimSetup.CreateAsync(run, engine).ConfigureAwait(false);
        await FillAsync(setup, size).ConfigureAwait(false);
        return setup;
    }

    private async Task FillAsync(EimSetup setup, FleetSize size)
    {
        run.Say($"    filling {setup.Engine.Name}: {size}");
        var database = Database.Open(setup.ConnectionString);
        await using (database.ConfigureAwait(false))
        {
            await setup.Engine.PrepareHistoryAsync(setup.ConnectionString, FleetSeed.Age).ConfigureAwait(false);
            await new FleetSeed(setup.Engine, database, size).WriteAsync(run.Stop).ConfigureAwait(false);
        }

        await setup.Engine.SettleAsync(setup.ConnectionString).ConfigureAwait(false);
    }
}
