using System.Data;
using System.Globalization;
using Dapper;

namespace OpenEim.Storage;

/// <summary>What Dapper must know once per process.</summary>
internal static class DapperSetup
{
    public static void Apply()
    {
        DefaultTypeMap.MatchNamesWithUnderscores = true;
        SqlMapper.AddTypeHandler(new OctetsHandler());
        SqlMapper.RemoveTypeMap(typeof(bool));
        SqlMapper.RemoveTypeMap(typeof(bool?));
        SqlMapper.AddTypeHandler(new FlagHandler());
    }

    /// <summary>Flags are whole numbers in the tables.</summary>
    private sealed class FlagHandler : SqlMapper.TypeHandler<bool>
    {
        public override void SetValue(IDbDataParameter parameter, bool value)
        {
            parameter.DbType = DbType.Int64;
            parameter.Value = value ? 1L : 0L;
        }

        public override bool Parse(object value) => value as bool? ?? Convert.ToInt64(value, CultureInfo.InvariantCulture) != 0;
    }

    /// <summary>Slices of received messages can be stored and read without the caller's copying them.</summary>
    private sealed class OctetsHandler : SqlMapper.TypeHandler<ReadOnlyMemory<byte>>
    {
        public override void SetValue(IDbDataParameter parameter, ReadOnlyMemory<byte> value)
        {
            parameter.DbType = DbType.Binary;
            parameter.Value = value.ToArray();
        }

        public override ReadOnlyMemory<byte> Parse(object value) => (byte[])value;
    }
}
