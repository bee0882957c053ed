using System.Data;
using Dapper;

namespace OpenEim.Storage;

/// <summary>What Dapper must know once per process.</summary>
internal static class DapperSetup
{
    public static void Apply()
    {
        DefaultTypeMap.MatchNamesWithUnderscores = true;
        SqlMapper.AddTypeHandler(new OctetsHandler());
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
